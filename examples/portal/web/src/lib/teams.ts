/** Teams as a person looks for them. */
interface Named {
  name: string
  display_name: string
  aliases: readonly string[]
  product: string | null
}

const most_shown = 50

/** Teams in whose names every word stands; those whose name begins so come first. */
export function teamsFound<T extends Named>(teams: readonly T[], text: string): T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = teams.flatMap((team) => {
    const names = [team.name, team.display_name, ...team.aliases].map((name) => name.toLowerCase())
    const all = [...names, team.product?.toLowerCase() ?? ''].join('\n')
    if (!words.every((word) => all.includes(word))) return []
    const first = words[0]
    const rank = first === undefined || names.some((name) => name.startsWith(first)) ? 0 : 1
    return [{ team, rank }]
  })
  found.sort(
    (one, other) => one.rank - other.rank || one.team.display_name.localeCompare(other.team.display_name),
  )
  return found.slice(0, most_shown).map(({ team }) => team)
}

/** The teams below one, by name. */
export function childrenOf<T extends { name: string; parents: readonly string[] }>(
  teams: readonly T[],
  name: string,
): T[] {
  return teams
    .filter(({ parents }) => parents.includes(name))
    .sort((one, other) => one.name.localeCompare(other.name))
}
