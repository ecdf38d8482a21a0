import { useQuery } from '@tanstack/react-query'
import { Moon, Sun } from 'lucide-react'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { type Hit, searchQuery } from '@/api/search'
import { iconOf } from '@/components/entity-link'
import { Command, CommandGroup, CommandInput, CommandItem, CommandList } from '@/components/ui/command'
import { Dialog, DialogContent, DialogDescription, DialogTitle } from '@/components/ui/dialog'
import { useDebounced } from '@/lib/debounced'
import { parsed, pathOf } from '@/lib/refs'
import { routes } from './routes'
import { useTheme } from './theme'

const groups: [type: string, heading: string][] = [
  ['service', 'Services'],
  ['team', 'Teams'],
  ['resource', 'Resources'],
  ['product', 'Products'],
  ['environment', 'Environments'],
]

/** Search over everything, and every page, by keyboard. */
export function Palette({ close }: { close: () => void }) {
  const [text, setText] = useState('')
  const q = useDebounced(text.trim(), 120)
  const { data, isFetching, isError } = useQuery(searchQuery(q))
  const [, navigate] = useLocation()
  const { shown, choose } = useTheme()
  const hits = q === '' ? [] : (data?.items ?? []).filter((hit) => pathOf(hit.ref))
  const places = routes.filter(({ nav }) => nav?.label.toLowerCase().includes(text.trim().toLowerCase()))
  const theme_word = shown === 'dark' ? 'Use the light theme' : 'Use the dark theme'
  const theme_found = theme_word.toLowerCase().includes(text.trim().toLowerCase())

  const go = (path: string) => {
    close()
    navigate(path)
  }
  return (
    <Dialog open onOpenChange={(open) => !open && close()}>
      <DialogContent className="max-w-2xl overflow-hidden p-0 [&>button:last-child]:hidden">
        <DialogTitle className="sr-only">Search everything</DialogTitle>
        <DialogDescription className="sr-only">
          Type to search; arrow keys choose, Enter opens, Escape closes.
        </DialogDescription>
        <Command shouldFilter={false} loop label="Search everything">
          <CommandInput
            value={text}
            onValueChange={setText}
            placeholder="A service, bucket, ARN, team, tag…"
          />
          <CommandList label="Results">
            {groups.map(([type, heading]) => {
              const found = hits.filter((hit) => parsed(hit.ref).type === type)
              if (found.length === 0) return null
              return (
                <CommandGroup key={type} heading={heading}>
                  {found.map((hit) => (
                    <Found key={hit.ref} hit={hit} go={go} />
                  ))}
                </CommandGroup>
              )
            })}
            {places.length > 0 && (
              <CommandGroup heading="Pages">
                {places.map(({ path, nav }) => (
                  <CommandItem key={path} value={`page:${path}`} onSelect={() => go(path)}>
                    {nav && <nav.icon aria-hidden />}
                    {nav?.label}
                  </CommandItem>
                ))}
              </CommandGroup>
            )}
            {theme_found && (
              <CommandGroup heading="Actions">
                <CommandItem
                  value="action:theme"
                  onSelect={() => {
                    choose(shown === 'dark' ? 'light' : 'dark')
                    close()
                  }}
                >
                  {shown === 'dark' ? <Sun aria-hidden /> : <Moon aria-hidden />}
                  {theme_word}
                </CommandItem>
              </CommandGroup>
            )}
          </CommandList>
          {q !== '' && hits.length === 0 && !isFetching && (
            <p role="status" className="px-3 py-6 text-center text-muted-foreground">
              {isError ? 'The search did not answer.' : `Nothing in the catalog matches “${q}”.`}
            </p>
          )}
        </Command>
      </DialogContent>
    </Dialog>
  )
}

function Found({ hit, go }: { hit: Hit; go: (path: string) => void }) {
  const { type, local } = parsed(hit.ref)
  const Icon = iconOf(type)
  return (
    <CommandItem value={hit.ref} onSelect={() => go(pathOf(hit.ref) ?? '/')}>
      <Icon aria-hidden />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{hit.name}</span>
        {local.toLowerCase() !== hit.name.toLowerCase() && (
          <span className="block truncate font-mono text-2xs opacity-80">{local}</span>
        )}
      </span>
      {hit.team && <span className="shrink-0 text-xs">{hit.team}</span>}
    </CommandItem>
  )
}
