/** A sentence of the portal in parts, so that what was found literally and what has a page can be shown as that. */
export type Part = { text: string } | { literal: string } | { ref: string }

const special = /`([^`]*)`|\b((?:service|resource|workload|team|product|environment):[^\s`),;]+)/g

export function partsOf(message: string): Part[] {
  const parts: Part[] = []
  let from = 0
  for (const found of message.matchAll(special)) {
    const [whole, literal, ref] = found
    if (found.index > from) parts.push({ text: message.slice(from, found.index) })
    if (literal !== undefined) parts.push({ literal })
    else if (ref !== undefined) parts.push({ ref })
    from = found.index + whole.length
  }
  if (from < message.length) parts.push({ text: message.slice(from) })
  return parts
}
