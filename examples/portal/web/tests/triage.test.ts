import { describe, expect, it } from 'vitest'
import { keyOf, nothing_yet, queueOf, type Step, type Triage, triage } from '@/lib/triage'

const played = (steps: readonly Step[], from: Triage = nothing_yet) => steps.reduce(triage, from)
const listed = (...refs: string[]): Step => ({ step: 'listed', refs })
const settled = (ref: string): Step => ({ step: 'settled', ref })

describe('triage', () => {
  it('begins with the first one', () => {
    expect(played([listed('a', 'b')]).at).toBe('a')
    expect(played([listed()]).at).toBeNull()
  })

  it('moves within the list and stops at its ends', () => {
    const move = (by: number): Step => ({ step: 'move', by })
    const start = played([listed('a', 'b', 'c')])
    expect(played([move(1)], start).at).toBe('b')
    expect(played([move(1), move(1), move(1)], start).at).toBe('c')
    expect(played([move(-1)], start).at).toBe('a')
  })

  it('goes on with the next one when one is settled, at the end with the one before', () => {
    const start = played([listed('a', 'b', 'c'), { step: 'go', ref: 'b' }])
    expect(played([settled('b')], start).at).toBe('c')
    expect(played([settled('b'), settled('c')], start).at).toBe('a')
    expect(played([settled('b'), settled('c'), settled('a')], start).at).toBeNull()
  })

  it('stays where it is when another one is settled', () => {
    expect(played([listed('a', 'b'), settled('b')]).at).toBe('a')
  })

  it('keeps the place when the list comes anew without what was settled', () => {
    const state = played([listed('a', 'b', 'c'), settled('a'), listed('b', 'c', 'd')])
    expect(state.at).toBe('b')
    expect(queueOf(state)).toEqual(['b', 'c', 'd'])
    expect(state.settled.size).toBe(0)
  })

  it('does not show again what is settled while the server still lists it', () => {
    expect(queueOf(played([listed('a', 'b'), settled('a'), listed('a', 'b')]))).toEqual(['b'])
  })

  it('takes the one at the same place when the one that is looked at is gone', () => {
    expect(played([listed('a', 'b', 'c'), { step: 'go', ref: 'b' }, listed('a', 'c')]).at).toBe('c')
    expect(played([listed('a', 'b'), { step: 'go', ref: 'b' }, listed('a')]).at).toBe('a')
  })

  it('brings back what was taken back, and looks at it', () => {
    const state = played([listed('a', 'b'), settled('a'), { step: 'reopened', ref: 'a' }])
    expect([state.at, queueOf(state)]).toEqual(['a', ['a', 'b']])
  })

  it('brings it back also where the server has left it out by now', () => {
    const state = played([listed('a', 'b'), settled('a'), listed('b'), { step: 'reopened', ref: 'a' }])
    expect([state.at, queueOf(state)]).toEqual(['a', ['a', 'b']])
  })
})

describe('keys', () => {
  const inside = (...selectors: string[]) => ({
    closest: (asked: string) => (selectors.some((one) => asked.includes(one)) ? ({} as Element) : null),
  })
  const press = (key: string, target: unknown = inside(), more = {}) =>
    keyOf({ key, ctrlKey: false, metaKey: false, altKey: false, target, ...more })

  it('means what the list of keys says', () => {
    expect(['j', 'k', 'a', 'c', 'r', 'u', '?', 'Enter'].map((key) => press(key))).toEqual([
      'next',
      'previous',
      'assign',
      'confirm',
      'reject',
      'undo',
      'keys',
      'open',
    ])
  })

  it('leaves the keys of fields, dialogs and the browser alone', () => {
    expect(press('a', inside('input'))).toBeNull()
    expect(press('j', inside('[role=dialog]'))).toBeNull()
    expect(press('c', inside(), { ctrlKey: true })).toBeNull()
    expect(press('r', inside(), { metaKey: true })).toBeNull()
    expect(press('x')).toBeNull()
  })

  it('lets Enter press a button, and opens on a row', () => {
    expect(press('Enter', inside('button'))).toBeNull()
    expect(press('Enter', inside('button', '[data-triage-row]'))).toBe('open')
  })

  it('takes arrows on a row only: elsewhere they scroll', () => {
    expect(press('ArrowDown')).toBeNull()
    expect(press('ArrowDown', inside('[data-triage-row]'))).toBe('next')
  })
})
