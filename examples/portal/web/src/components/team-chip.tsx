import { Link } from 'wouter'
import type { OwnershipState } from '@/api/why'
import { cn } from '@/lib/cn'
import { pathOf } from '@/lib/refs'
import { OwnershipBadge } from './ownership-badge'

/** A hue for a team's mark, the same everywhere and always: the eye finds its own team again. */
function hue(team: string) {
  // FNV-1a, and a last mix: names that differ in one letter get hues far from each other.
  let hash = 0x811c9dc5
  for (const letter of team) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 12)) >>> 0) % 360
}

/** `data-platform` is DP, `payments` is Pa. */
function initials(team: string) {
  const words = team.split(/[-_ ]+/).filter(Boolean)
  const [first = '', second = ''] = words
  return (first[0] ?? '').toUpperCase() + (second ? (second[0] ?? '').toUpperCase() : (first[1] ?? ''))
}

export function TeamMark({ team, className }: { team: string; className?: string }) {
  return (
    <span
      aria-hidden
      style={{ '--hue': hue(team) } as React.CSSProperties}
      className={cn(
        'inline-flex size-5 shrink-0 items-center justify-center rounded-[5px] bg-[oklch(0.92_0.045_var(--hue))] text-[0.625rem] leading-none font-semibold text-[oklch(0.38_0.09_var(--hue))] dark:bg-[oklch(0.34_0.05_var(--hue))] dark:text-[oklch(0.88_0.06_var(--hue))]',
        className,
      )}
    >
      {initials(team)}
    </span>
  )
}

/** The owner, as a link to the team; where there is none, the state that says why. */
export function TeamChip({
  team,
  ownership,
}: {
  team: string | null | undefined
  ownership?: OwnershipState
}) {
  if (!team) return <OwnershipBadge state={ownership ?? 'unowned'} />
  return (
    <Link
      href={pathOf(`team:${team}`) ?? '/teams'}
      className="link inline-flex max-w-full min-w-0 items-center gap-1.5 font-medium"
    >
      <TeamMark team={team} />
      <span className="truncate">{team}</span>
    </Link>
  )
}
