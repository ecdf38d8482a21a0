/** What is different between two moments, from the steps between them. */
import type { Change, ChangedField } from '@/api/changes'

export type Action = 'added' | 'changed' | 'retired'

/** What all steps of one thing come to. */
export interface Difference {
  ref: string
  name: string
  type: string
  action: Action
  /** The owner's slug: of what is gone, the last one. */
  team: string | null
  fields: ChangedField[]
  /** The newest of its steps. */
  at: string
  steps: number
}

/**
 * Puts the steps of each thing together. Who was added and retired again is not there, and a field that was changed
 * back is not different. Steps come newest first, and so do the differences.
 */
export function differenceOf(steps: readonly Change[]): Difference[] {
  const things = new Map<string, Change[]>()
  for (const step of steps) {
    const known = things.get(step.ref)
    if (known) known.push(step)
    else things.set(step.ref, [step])
  }
  return [...things.values()].flatMap((steps) => together(steps) ?? [])
}

function together(newest_first: readonly Change[]): Difference | null {
  const newest = newest_first[0]
  const oldest = newest_first.at(-1)
  if (!newest || !oldest) return null
  const was = oldest.action !== 'added'
  const is = newest.action !== 'retired'
  if (!was && !is) return null
  const fields = fieldsOf(newest_first)
  if (was && is && fields.length === 0) return null
  return {
    ref: newest.ref,
    name: newest.name,
    type: newest.type,
    action: was ? (is ? 'changed' : 'retired') : 'added',
    team: newest.team ?? null,
    fields,
    at: newest.at,
    steps: newest_first.length,
  }
}

function fieldsOf(newest_first: readonly Change[]): ChangedField[] {
  const fields = new Map<string, ChangedField>()
  for (const step of newest_first.toReversed())
    for (const field of step.fields) {
      const before = fields.get(field.field)
      fields.set(field.field, before ? { ...field, from: before.from } : field)
    }
  return [...fields.values()].filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to))
}

/** What a field's value reads like: one line for each item of a list or object. */
export function itemsOf(value: unknown): string[] {
  if (value === null || value === undefined || value === '') return []
  if (Array.isArray(value)) return value.map(itemOf)
  if (typeof value === 'object') return Object.entries(value).map(([key, one]) => `${key}=${itemOf(one)}`)
  return [String(value)]
}

/** Tags are stored as pairs, links as objects with a title and an address. */
function itemOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(itemOf).filter(Boolean).join('=')
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return Object.values(value).map(itemOf).filter(Boolean).join(' ')
  return String(value)
}

/** A field's difference: what went, and what came. Of a list only the items that differ. */
export function sidesOf({ from, to }: ChangedField): { gone: string[]; come: string[] } {
  const before = itemsOf(from)
  const after = itemsOf(to)
  return {
    gone: before.filter((item) => !after.includes(item)),
    come: after.filter((item) => !before.includes(item)),
  }
}
