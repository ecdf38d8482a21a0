import { useQuery } from '@tanstack/react-query'
import { Moon, Sun } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
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

const theme_value = 'action:theme'

/** Search over everything, and every page, by keyboard. */
export function Palette({ close }: { close: () => void }) {
  const [text, setText] = useState('')
  const q = useDebounced(text.trim(), 120)
  const { data, isFetching, isError, isPlaceholderData } = useQuery(searchQuery(q))
  const [, navigate] = useLocation()
  const { shown, choose } = useTheme()
  const hits = q === '' ? [] : (data?.items ?? []).filter((hit) => pathOf(hit.ref))
  const places = placesOf(text.trim().toLowerCase())
  // Whoever writes a page's whole name means the page, and not what has the word in its name.
  const page_first = places[0]?.nav?.label.toLowerCase() === text.trim().toLowerCase()
  const theme_word = shown === 'dark' ? 'Use the light theme' : 'Use the dark theme'
  const theme_found = theme_word.toLowerCase().includes(text.trim().toLowerCase())

  const go = (path: string) => {
    close()
    navigate(path)
  }

  // Enter means what is typed, and not what was found for the letters before: it waits for that. What it means is what
  // is marked, until somebody chooses by arrow or pointer.
  const answered = text.trim() === q && !isPlaceholderData && (q === '' || data !== undefined || isError)
  const [entered, enter] = useState(false)
  const moved = useRef(false)
  const [chosen, mark] = useState<string>()
  const change_theme = () => {
    choose(shown === 'dark' ? 'light' : 'dark')
    close()
  }
  const [first] = groups.flatMap(([type]) => hits.filter((hit) => parsed(hit.ref).type === type))
  const [nearest] = places
  const place = nearest && { value: `page:${nearest.path}`, open: () => go(nearest.path) }
  const hit = first && { value: first.ref, open: () => go(pathOf(first.ref) ?? '/') }
  const theme = theme_found ? { value: theme_value, open: change_theme } : undefined
  const best = (page_first ? place : (hit ?? place)) ?? theme
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when what was waited for is there
  useEffect(() => {
    if (!entered || !answered) return
    enter(false)
    best?.open()
  }, [entered, answered])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End') moved.current = true
    if (event.key !== 'Enter' || moved.current) return
    event.preventDefault()
    enter(true)
  }
  return (
    <Dialog open onOpenChange={(open) => !open && close()}>
      <DialogContent className="max-w-2xl overflow-hidden p-0 [&>button:last-child]:hidden">
        <DialogTitle className="sr-only">Search everything</DialogTitle>
        <DialogDescription className="sr-only">
          Type to search; arrow keys choose, Enter opens, Escape closes.
        </DialogDescription>
        <Command
          shouldFilter={false}
          loop
          label="Search everything"
          value={chosen ?? best?.value ?? ''}
          onValueChange={(value) => moved.current && mark(value)}
        >
          <CommandInput
            value={text}
            onValueChange={(text) => {
              moved.current = false
              mark(undefined)
              enter(false)
              setText(text)
            }}
            onKeyDown={onKeyDown}
            placeholder="A service, bucket, ARN, team, tag…"
          />
          <CommandList
            label="Results"
            onPointerMoveCapture={() => {
              moved.current = true
            }}
          >
            {page_first && <Places places={places} go={go} />}
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
            {!page_first && <Places places={places} go={go} />}
            {theme_found && (
              <CommandGroup heading="Actions">
                <CommandItem value={theme_value} onSelect={change_theme}>
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

/** Pages whose name has the words in it; first those that begin with them. */
function placesOf(words: string) {
  const begins = (route: (typeof routes)[number]) => route.nav?.label.toLowerCase().startsWith(words) ?? false
  return routes
    .filter(({ nav }) => nav?.label.toLowerCase().includes(words))
    .sort((one, other) => Number(begins(other)) - Number(begins(one)))
}

function Places({ places, go }: { places: ReturnType<typeof placesOf>; go: (path: string) => void }) {
  if (places.length === 0) return null
  return (
    <CommandGroup heading="Pages">
      {places.map(({ path, nav }) => (
        <CommandItem key={path} value={`page:${path}`} onSelect={() => go(path)}>
          {nav && <nav.icon aria-hidden />}
          {nav?.label}
        </CommandItem>
      ))}
    </CommandGroup>
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
