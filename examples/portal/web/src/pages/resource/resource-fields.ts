/** The form of a resource: what a person can say about it, and how it becomes what the API takes. */
import type { Resource, ResourceEdit } from '@/api/resources'
import type { Problems } from '@/lib/form'
import { safeUrl, urlProblem } from '@/lib/safe-url'

export interface LinkFields {
  title: string
  url: string
}

export interface ResourceFields {
  display_name: string
  description: string
  team: string
  links: LinkFields[]
}

export const labels: Record<keyof ResourceFields, string> = {
  display_name: 'Name to show',
  description: 'Description',
  team: 'Owner',
  links: 'Links',
}

export function fieldsOf(resource: Resource): ResourceFields {
  return {
    display_name: resource.display_name === resource.name ? '' : resource.display_name,
    description: resource.description ?? '',
    // Only what a person said: what tags say is not theirs to save again.
    team: resource.curated?.team ?? '',
    links: resource.links.map(({ title, url }) => ({ title, url })),
  }
}

const is_empty = ({ title, url }: LinkFields) => title.trim() === '' && url.trim() === ''

export function problemsOf({ links }: ResourceFields): Problems<ResourceFields> {
  const wrong = links.filter((link) => !is_empty(link) && linkProblem(link) !== null)
  return wrong.length === 0 ? {} : { links: 'Each link needs a whole address' }
}

/** What is wrong with one link; null if nothing is. */
export function linkProblem({ title, url }: LinkFields): string | null {
  if (url.trim() === '') return title.trim() === '' ? null : 'An address is missing'
  return urlProblem(url)
}

/** The fields as the API takes them: an empty one is null, which takes back what was said. */
export function editOf(fields: Partial<ResourceFields>): ResourceEdit {
  const edit: ResourceEdit = {}
  for (const field of ['display_name', 'description', 'team'] as const) {
    const text = fields[field]
    if (text !== undefined) edit[field] = text.trim() || null
  }
  if (fields.links !== undefined) {
    const links = fields.links.filter((link) => !is_empty(link))
    edit.links =
      links.length === 0
        ? null
        : links.map(({ title, url }) => ({ title: title.trim() || hostOf(url), url: url.trim() }))
  }
  return edit
}

/** A link without words is called by its host. */
function hostOf(url: string) {
  const safe = safeUrl(url.trim())
  return safe ? new URL(safe).host : url.trim()
}

/** A field's value as text, for whoever compares two. */
export function shown(value: ResourceFields[keyof ResourceFields]): string {
  return typeof value === 'string'
    ? value
    : value.map(({ title, url }) => `${title} ${url}`.trim()).join(', ')
}
