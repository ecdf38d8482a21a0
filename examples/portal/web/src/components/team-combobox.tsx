import { useQuery } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { useState } from 'react'
import { allTeamsQuery } from '@/api/teams'
import { teamsFound } from '@/lib/teams'
import { TeamMark } from './team-chip'
import { Command, CommandGroup, CommandInput, CommandItem, CommandList } from './ui/command'
import { Dialog, DialogContent, DialogDescription, DialogTitle } from './ui/dialog'

/** Asks for a team: names, aliases and products are searched. */
export function TeamCombobox({
  title,
  description,
  chosen,
  choose,
  close,
}: {
  title: string
  description: string
  chosen?: string | null
  choose: (team: string) => void
  close: () => void
}) {
  const [text, setText] = useState('')
  const { data: teams, isPending, isError } = useQuery(allTeamsQuery)
  const found = teamsFound(teams ?? [], text)
  return (
    <Dialog open onOpenChange={(open) => !open && close()}>
      <DialogContent className="max-w-md overflow-hidden p-0 [&>button:last-child]:hidden">
        <div className="border-b px-4 pt-4 pb-3">
          <DialogTitle className="text-base">{title}</DialogTitle>
          <DialogDescription>{description}</DialogDescription>
        </div>
        <Command shouldFilter={false} loop label="Teams">
          <CommandInput value={text} onValueChange={setText} placeholder="Find a team…" />
          <CommandList label="Teams">
            <CommandGroup>
              {found.map(({ name, display_name, product }) => (
                <CommandItem key={name} value={name} onSelect={() => choose(name)}>
                  <TeamMark team={name} />
                  <span className="min-w-0 flex-1 truncate font-medium">{display_name}</span>
                  {display_name !== name && (
                    <span className="shrink-0 font-mono text-2xs opacity-80">{name}</span>
                  )}
                  {product && <span className="shrink-0 text-xs opacity-80">{product}</span>}
                  {chosen === name && <Check aria-label="chosen" />}
                </CommandItem>
              ))}
            </CommandGroup>
            {found.length === 0 && (
              <p role="status" className="px-3 py-6 text-center text-muted-foreground">
                {isPending
                  ? 'Reading the teams…'
                  : isError
                    ? 'The teams could not be read.'
                    : teams?.length === 0
                      ? 'No team is known yet. They come from the directory, or from the configuration.'
                      : `No team is called “${text}”.`}
              </p>
            )}
          </CommandList>
        </Command>
      </DialogContent>
    </Dialog>
  )
}
