import {
  BadgeCheck,
  CircleHelp,
  CircleSlash,
  GitCompareArrows,
  type LucideIcon,
  UserRoundX,
} from 'lucide-react'
import type { OwnershipState } from '@/api/why'
import { Badge, type Tone } from './ui/badge'

export const ownership_states: Record<
  OwnershipState,
  { word: string; meaning: string; icon: LucideIcon; tone: Tone }
> = {
  owned: { word: 'Owned', meaning: 'A claim names a known team', icon: BadgeCheck, tone: 'ok' },
  unowned: {
    word: 'Unowned',
    meaning: 'It was read whole, and nothing claims it',
    icon: CircleSlash,
    tone: 'bad',
  },
  unregistered: {
    word: 'Unregistered',
    meaning: 'It names a team that nobody knows',
    icon: UserRoundX,
    tone: 'warn',
  },
  conflict: {
    word: 'Conflict',
    meaning: 'Two claims of the same rank name different teams',
    icon: GitCompareArrows,
    tone: 'warn',
  },
  unknown: {
    word: 'Unknown',
    meaning: 'What would say who owns it could not be read',
    icon: CircleHelp,
    tone: 'idle',
  },
}

export function OwnershipBadge({ state }: { state: OwnershipState }) {
  const { word, meaning, icon: Icon, tone } = ownership_states[state]
  return (
    <Badge tone={tone} title={meaning}>
      <Icon aria-hidden />
      {word}
    </Badge>
  )
}
