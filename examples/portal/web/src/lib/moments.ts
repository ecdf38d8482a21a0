/** Moments as the API takes them (a revision, a time, an age) and as the browser's field shows them. */

/** The time that an address names; null for an age or a revision. */
export function timeOf(moment: string): Date | null {
  if (!/^\d{4}-\d\d-\d\dT/.test(moment)) return null
  const time = new Date(moment)
  return Number.isNaN(time.getTime()) ? null : time
}

/** As `<input type="datetime-local">` wants it: local time, to the minute. */
export function fieldOf(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`
}
