export function chromiumPath(): string
export function chromiumFlags(): string[]
