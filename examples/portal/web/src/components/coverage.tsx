import { Ban, CircleCheck, CircleX, Hand, Lock, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { Coverage, SourceKind } from '@/api/sources'
import { hasHoles } from '@/lib/coverage'
import type { Tone } from './ui/badge'

/** How much of a kind was read: a form and a word for each. */
export const coverages: Record<
  Coverage,
  { word: string; meaning: string; icon: LucideIcon; text: string; tone: Tone }
> = {
  complete: {
    word: 'Whole',
    meaning: 'All of it was read: what is not here does not exist',
    icon: CircleCheck,
    text: 'text-ok',
    tone: 'ok',
  },
  partial: {
    word: 'Partial',
    meaning: 'Some of it was read; what was known of the rest stays',
    icon: TriangleAlert,
    text: 'text-warn',
    tone: 'warn',
  },
  denied: {
    word: 'Denied',
    meaning: 'A right is missing; what was known stays',
    icon: Lock,
    text: 'text-bad',
    tone: 'bad',
  },
  failed: {
    word: 'Failed',
    meaning: 'It could not be read; what was known stays',
    icon: CircleX,
    text: 'text-bad',
    tone: 'bad',
  },
  absent: {
    word: 'Absent',
    meaning: 'It cannot exist there: a region that is not opted in, an API that is not served',
    icon: Ban,
    text: 'text-idle',
    tone: 'idle',
  },
}

export const held = {
  word: 'Held',
  meaning: 'The newest read lacks much of what was known. Nothing goes until a person releases it',
  icon: Hand,
  text: 'text-warn',
  tone: 'warn',
} as const

const holes = {
  ...coverages.partial,
  word: 'With holes',
  meaning: 'The list was read whole, but single things of it were not',
}

/** How much was read: a whole list can still have holes. */
export const coverageOf = (kind: Pick<SourceKind, 'coverage' | 'unread' | 'set_aside'>) =>
  kind.coverage === 'complete' && hasHoles(kind) ? holes : (coverages[kind.coverage] ?? coverages.failed)

/** What to show of a kind: a mass delete that waits comes before how much was read. */
export const lookOf = (kind: SourceKind) => (kind.held ? held : coverageOf(kind))
