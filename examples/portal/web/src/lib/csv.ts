/** Comma-separated values as RFC 4180 has them, made safe for spreadsheets. */
import type { ListPage } from '@/api/query'

export interface CsvColumn<T> {
  name: string
  of: (row: T) => string | null | undefined
}

/** Spreadsheets run a cell that begins so as a formula: tags and names are other people's text. */
const formula = /^[=+\-@\t\r]/

/** One cell. What a spreadsheet would run gets an apostrophe before it, which keeps it text. */
export function cell(value: string | null | undefined): string {
  const text = value ?? ''
  const safe = formula.test(text) ? `'${text}` : text
  return /[",\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** One line, with its end. */
export const line = (cells: readonly (string | null | undefined)[]) => `${cells.map(cell).join(',')}\r\n`

/**
 * The whole of a list as the parts of a file, page by page: the browser may keep them on the disk, and never has the
 * text in one piece. `progress` is told after each page. The byte order mark is for Excel, which takes the file for
 * another encoding without it.
 */
export async function csvOf<T>(
  columns: readonly CsvColumn<T>[],
  page: (cursor: string | undefined) => Promise<ListPage<T>>,
  progress: (done: number, total: number) => void,
): Promise<string[]> {
  const parts = [`\ufeff${line(columns.map(({ name }) => name))}`]
  let cursor: string | undefined
  let done = 0
  do {
    const { items, total, next_cursor } = await page(cursor)
    parts.push(items.map((row) => line(columns.map(({ of }) => of(row)))).join(''))
    done += items.length
    progress(done, total)
    cursor = next_cursor ?? undefined
  } while (cursor)
  return parts
}
