/** The address, if it is one that a browser may follow: people and tags write `javascript:` too. */
export function safeUrl(text: string | null | undefined): string | null {
  if (!text || !URL.canParse(text)) return null
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null
}

/** What is wrong with an address that somebody typed; null if nothing is. Empty is fine: no field needs one. */
export function urlProblem(text: string): string | null {
  if (text.trim() === '') return null
  return safeUrl(text.trim()) ? null : 'Write a whole address that begins with https:// or http://'
}
