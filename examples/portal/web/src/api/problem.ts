/** RFC 9457, as the API writes it. */
export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  errors?: { pointer: string; detail: string }[]
}

export class ApiError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }
  get status() {
    return this.problem.status
  }
  /** The problems of fields by the field's name: pointers are `/team`, or `#/team`. */
  get fields(): Record<string, string> {
    const named = (this.problem.errors ?? []).map(({ pointer, detail }) => [
      pointer.replace(/^#?\//, '').split('/')[0] ?? '',
      detail,
    ])
    return Object.fromEntries(named)
  }
}

/** What to tell a person about anything that was thrown. */
export function told(error: unknown): string {
  if (error instanceof ApiError && error.status === 0)
    return 'The portal does not answer. Nothing was changed.'
  // Another key is asked for above whatever shows this.
  if (error instanceof ApiError && error.status === 401)
    return 'The API key was not accepted. Nothing was changed.'
  return error instanceof Error ? error.message : String(error)
}
