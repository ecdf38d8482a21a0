import { describe, expect, it } from 'vitest'
import { cell, csvOf, line } from '@/lib/csv'

describe('csv', () => {
  it('keeps plain text as it is and ends a line with CRLF', () => {
    expect(line(['a', null, 'b c', undefined])).toBe('a,,b c,\r\n')
  })

  it('quotes what RFC 4180 wants quoted, with quotes doubled', () => {
    expect(cell('a,b')).toBe('"a,b"')
    expect(cell('say "hi"')).toBe('"say ""hi"""')
    expect(cell('two\r\nlines')).toBe('"two\r\nlines"')
    expect(cell('two\nlines')).toBe('"two\nlines"')
  })

  it.each([['=1+1'], ['+1'], ['-1'], ['@SUM(A1)'], ['\tx'], ['\rx']])(
    'makes a formula text: %j',
    (hostile) => {
      const safe = cell(hostile).replace(/^"/, '')
      expect(safe.startsWith("'")).toBe(true)
    },
  )

  it('quotes a formula with a comma after making it text', () => {
    expect(cell('=HYPERLINK("http://x","y")')).toBe('"\'=HYPERLINK(""http://x"",""y"")"')
  })

  it('leaves what only holds such a letter', () => {
    expect(cell('a=b')).toBe('a=b')
    expect(cell('arn:aws:s3:::x-y@z')).toBe('arn:aws:s3:::x-y@z')
  })

  it('puts all pages together and tells how far it is', async () => {
    const pages: Record<string, { items: string[]; next_cursor: string | null }> = {
      '': { items: ['a', 'b'], next_cursor: '2' },
      '2': { items: ['=c'], next_cursor: null },
    }
    const told: [number, number][] = []
    const parts = await csvOf<string>(
      [{ name: 'name', of: (row) => row }],
      async (cursor) => ({ total: 3, ...(pages[cursor ?? ''] ?? { items: [], next_cursor: null }) }),
      (done, total) => told.push([done, total]),
    )
    expect(parts.join('')).toBe("\ufeffname\r\na\r\nb\r\n'=c\r\n")
    expect(told).toEqual([
      [2, 3],
      [3, 3],
    ])
  })

  it('ends where a page fails', async () => {
    const page = async (cursor: string | undefined) => {
      if (cursor) throw new Error('gone')
      return { items: ['a'], total: 2, next_cursor: '1' }
    }
    await expect(csvOf<string>([{ name: 'n', of: (row) => row }], page, () => {})).rejects.toThrow('gone')
  })
})
