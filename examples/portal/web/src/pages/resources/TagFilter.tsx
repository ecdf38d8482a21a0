import { Tag } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import type { FacetValue } from '@/api/facets'
import { Button } from '@/components/ui/button'
import { Input } from '@/components/ui/input'

/** Any tag at all: the counts beside the list name the most frequent ones only. */
export function TagFilter({ known, add }: { known: readonly FacetValue[]; add: (tag: string) => void }) {
  const [text, setText] = useState('')
  const id = useId()
  const tag = text.trim()
  // `=value` has no key, and the API refuses it.
  const usable = tag !== '' && !tag.startsWith('=')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!usable) return
    add(tag)
    setText('')
  }
  return (
    <form onSubmit={submit} className="relative min-w-44 flex-1 sm:max-w-56">
      <Tag
        aria-hidden
        className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted-foreground"
      />
      <Input
        aria-label="Add a tag to filter by"
        placeholder="Tag, or key=value"
        value={text}
        onChange={(event) => setText(event.target.value)}
        list={id}
        autoComplete="off"
        spellCheck={false}
        className="pr-14 pl-8.5"
      />
      <datalist id={id}>
        {known.map(({ value }) => (
          <option key={value} value={value} />
        ))}
      </datalist>
      {usable && (
        <Button
          type="submit"
          variant="ghost"
          size="inline"
          className="absolute top-1.5 right-1.5 px-1.5 py-0.5 text-xs"
        >
          Add
        </Button>
      )}
    </form>
  )
}
