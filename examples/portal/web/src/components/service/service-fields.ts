/** The form of a service: what it holds, what may stand in it, and how it becomes what the API takes. */
import type { NewService, Service, ServiceEdit } from '@/api/services'
import type { Problems } from '@/lib/form'
import { urlProblem } from '@/lib/safe-url'

/** Everything is text, because a person types it. Tags are separated by commas. */
export interface ServiceFields {
  name: string
  namespace: string
  description: string
  team: string
  tags: string
  status_url: string
  docs_url: string
  github_url: string
  dashboard_url: string
}

export const labels: Record<keyof ServiceFields, string> = {
  name: 'Name',
  namespace: 'Namespace',
  description: 'Description',
  team: 'Team',
  tags: 'Tags',
  status_url: 'Status URL',
  docs_url: 'Documentation',
  github_url: 'Repository',
  dashboard_url: 'Dashboard',
}

const urls = ['status_url', 'docs_url', 'github_url', 'dashboard_url'] as const

export const no_fields: ServiceFields = {
  name: '',
  namespace: '',
  description: '',
  team: '',
  tags: '',
  status_url: '',
  docs_url: '',
  github_url: '',
  dashboard_url: '',
}

export function fieldsOf(service: Service): ServiceFields {
  return {
    name: service.name,
    namespace: service.namespace,
    description: service.description ?? '',
    // As it was written: a team that nobody knows is still what a person said.
    team: service.curated?.team ?? service.team ?? '',
    tags: service.tags.join(', '),
    status_url: service.status_url ?? '',
    docs_url: service.docs_url ?? '',
    github_url: service.github_url ?? '',
    dashboard_url: service.dashboard_url ?? '',
  }
}

export function problemsOf(fields: ServiceFields): Problems<ServiceFields> {
  const problems: Problems<ServiceFields> = {}
  if (fields.name.trim() === '') problems.name = 'A service needs a name'
  else if (fields.name.includes('/'))
    problems.name = 'A name has no slash: what stands before it is the namespace'
  if (fields.namespace.includes('/')) problems.namespace = 'A namespace has no slash'
  for (const field of urls) {
    const problem = urlProblem(fields[field])
    if (problem) problems[field] = problem
  }
  return problems
}

/** The fields as the API takes them: an empty one is null, which takes back what was said. */
export function editOf(fields: Partial<ServiceFields>): ServiceEdit {
  const edit: ServiceEdit = {}
  for (const field of ['description', 'team', ...urls] as const) {
    const text = fields[field]
    if (text !== undefined) edit[field] = text.trim() || null
  }
  if (fields.tags !== undefined) edit.tags = tagsOf(fields.tags)
  return edit
}

/** A new service: only what was filled in. */
export function newOf(fields: ServiceFields): NewService {
  const filled = Object.fromEntries(Object.entries(fields).filter(([, text]) => text.trim() !== ''))
  return {
    name: fields.name.trim(),
    ...(fields.namespace.trim() && { namespace: fields.namespace.trim() }),
    ...editOf(filled),
  }
}

export function tagsOf(text: string): string[] {
  const tags = text.split(/[,\n]/).map((tag) => tag.trim())
  return [...new Set(tags.filter(Boolean))]
}
