import type { ChildProcess } from 'node:child_process'

export function programPath(): string
export function started(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ child: ChildProcess; url: string }>
