import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { cn } from '@/lib/cn'
import { useDebounced } from '@/lib/debounced'
import { Button } from './ui/button'
import { Input } from './ui/input'

/** Search as you type: `onSearch` is told when the typing rests. Escape empties it. */
export function SearchBox({
  value,
  onSearch,
  label,
  className,
}: {
  value: string
  onSearch: (text: string) => void
  label: string
  className?: string
}) {
  const [text, setText] = useState(value)
  const settled = useDebounced(text, 200)
  const told = useRef(value)
  // The address changed without us (back button, "clear all"): follow it.
  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setText(value)
  }, [value])
  // A settled text that is not the newest belongs to the moment before the address changed.
  useEffect(() => {
    if (settled !== text || settled.trim() === told.current) return
    told.current = settled.trim()
    onSearch(told.current)
  }, [settled, text, onSearch])
  return (
    <div className={cn('relative', className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted-foreground"
      />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || text === '') return
          event.preventDefault()
          setText('')
        }}
        className="pr-9 pl-8.5 [&::-webkit-search-cancel-button]:hidden"
      />
      {text !== '' && (
        <Button
          variant="ghost"
          size="inline"
          className="absolute top-1.5 right-1.5 p-1"
          aria-label="Empty the search"
          onClick={() => setText('')}
        >
          <X />
        </Button>
      )}
    </div>
  )
}
