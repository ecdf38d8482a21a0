/** Ownership told as a story: each claim from its place to what came of it, and the whole in one sentence. */
import type { Evidence, OwnershipState } from '@/api/why'
import { type Claim, grouped } from './evidence'
import { placeIn, shortName } from './refs'

export type Outcome =
  /** It decided. */
  | 'won'
  /** It spoke first, and names nobody that is known. */
  | 'unregistered'
  /** It spoke first, and another of the same rank says something else. */
  | 'contradicts'
  /** A stronger rule had decided the same. */
  | 'agrees'
  /** A stronger rule had spoken, and said something else. */
  | 'outranked'
  /** What stands there could not be read. */
  | 'unread'
  /** Something stronger could not be read, so that this does not decide. */
  | 'held'
  /** The services that use it do not all belong to one team. */
  | 'divided'

export interface Step extends Claim {
  outcome: Outcome
  /** The outcome in a sentence. */
  told: string
}

/** What the resolver calls the place of what could not be read. */
const not_read = 'not read'

/** Every claim with what came of it, strongest rule first. */
export function stepsOf(evidence: readonly Evidence[], state: OwnershipState): Step[] {
  const claims = grouped(evidence)
  const winner = claims.find(({ claim }) => claim.won)?.claim
  const first = claims[0]?.claim
  // In a conflict nobody won: the rule that is heard first is where they contradict each other.
  const spoke = winner ?? first
  let behind_unread = false
  return claims.map((one) => {
    const { claim } = one
    const outcome = ((): Outcome => {
      if (claim.field === not_read) {
        behind_unread = true
        return 'unread'
      }
      if (claim.won) return claim.team ? 'won' : 'unregistered'
      if (!winner && behind_unread) return 'held'
      if (state === 'conflict' && claim.rule === spoke?.rule) return 'contradicts'
      if (state === 'unowned') return 'divided'
      return claim.team !== null && claim.team === winner?.team ? 'agrees' : 'outranked'
    })()
    return { ...one, outcome, told: toldOf(outcome, claim.rule, spoke?.rule ?? '') }
  })
}

function toldOf(outcome: Outcome, rule: string, stronger: string): string {
  switch (outcome) {
    case 'won':
      return rule_words[rule] ? `${rule_words[rule]}.` : ''
    case 'unregistered':
      return 'It spoke first, but no team has that name.'
    case 'contradicts':
      return 'Another claim of the same rank says something else, so neither counts.'
    case 'agrees':
      return `“${stronger}” had decided before it.`
    case 'outranked':
      return `“${stronger}” is stronger.`
    case 'unread':
      return 'That is not the same as having no owner.'
    case 'held':
      return 'It does not count while something stronger cannot be read.'
    case 'divided':
      return 'Not all services that use it belong to one team.'
  }
}

/** What the rules mean, for people who do not know the words. */
export const rule_words: Record<string, string> = {
  override: 'A person said so in the portal',
  tag: 'A tag or label on the thing itself',
  inherited: 'From what it is in: stack, namespace, cluster or account',
  'used-by': 'From the services that use it',
}

/** What carries a claim, and where: the same workload in two clusters is one that is in two places. */
export interface Carrier {
  ref: string
  name: string
  places: string[]
}

/** What carries a claim, where it is not the thing itself. */
export function carriersOf(found_on: readonly string[], self: string): Carrier[] {
  const carriers = new Map<string, Carrier>()
  for (const ref of found_on) {
    if (ref === self) continue
    const { name, place } = carrierOf(ref)
    const known = carriers.get(place ? name : ref)
    if (!known) carriers.set(place ? name : ref, { ref, name, places: place ? [place] : [] })
    else if (place && !known.places.includes(place)) known.places.push(place)
  }
  return [...carriers.values()]
}

function carrierOf(ref: string): { name: string; place?: string } {
  const place = placeIn(ref)
  if (place && 'cluster' in place) return { name: shortName(ref), place: place.cluster }
  const namespace = /^namespace ([^/]+)\/(.+)$/.exec(ref)
  if (namespace?.[1]) return { name: `namespace ${namespace[2]}`, place: namespace[1] }
  return { name: shortName(ref) }
}

/** Who owns it and why, in one or two sentences. */
export function verdictOf(
  { state, team, evidence }: { state: OwnershipState; team: string | null; evidence: readonly Evidence[] },
  self: string,
): string {
  const winner = evidence.find(({ won }) => won)
  switch (state) {
    case 'owned':
      if (!winner) return `${team ?? 'Somebody'} owns it.`
      if (winner.rule === 'used-by') return `Every service that uses it belongs to ${team ?? 'one team'}.`
      return `${sentenceOf(winner, self)}, which stands for ${team ?? 'a known team'}.`
    case 'unowned':
      return evidence.length > 0
        ? 'It was read whole. Nothing on it claims it, and the services that use it do not all belong to one team.'
        : 'It was read whole, and nothing on it, on what made it, or on what uses it says who owns it.'
    case 'unregistered':
      return `${winner ? sentenceOf(winner, self) : 'It names a team'}, but no team has that name. As soon as one does, it is the owner.`
    case 'conflict': {
      const steps = stepsOf(evidence, state).filter(({ outcome }) => outcome === 'contradicts')
      const teams = [...new Set(steps.map(({ claim }) => claim.team ?? claim.raw))]
      return `Claims of the same rank name different teams${teams.length > 1 ? `: ${listed(teams)}` : ''}. None is picked in silence.`
    }
    case 'unknown':
      return team
        ? `What says who owns it could not be read. ${team} is the last owner that is known.`
        : 'What would say who owns it could not be read. That is not the same as having no owner.'
  }
}

function sentenceOf({ rule, field, raw, found_on }: Evidence, self: string): string {
  if (rule === 'override') return `A person said “${raw}”`
  // A service's own tags stand on what runs of it.
  if (rule !== 'tag' && found_on && found_on !== self)
    return `The ${field} of ${shortName(found_on)} says “${raw}”`
  return `Its ${field} says “${raw}”`
}

/** Why it could not be read, in the words of whoever tried. */
export function unreadReasons(evidence: readonly Evidence[]): string[] {
  return [...new Set(evidence.flatMap(({ field, raw }) => (field === not_read && raw ? [raw] : [])))]
}

/** A right as a system names it, out of a sentence: `no right s3:GetBucketTagging; …`. */
export function permissionIn(reason: string): string | null {
  return /\b[a-z][a-z0-9-]*:[A-Z][A-Za-z]+\b/.exec(reason)?.[0] ?? null
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
