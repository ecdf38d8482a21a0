import { Plus, Trash2 } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Input } from '@/components/ui/input'
import { type LinkFields, labels, linkProblem } from './resource-fields'

/** The links of a form: as many as somebody wants, each with its words and its address. */
export function Links({
  links,
  problem,
  change,
  leave,
}: {
  links: readonly LinkFields[]
  problem: string | undefined
  change: (links: LinkFields[]) => void
  leave: () => void
}) {
  const at = (index: number, part: Partial<LinkFields>) =>
    change(links.map((link, other) => (other === index ? { ...link, ...part } : link)))
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-xs font-medium">{labels.links}</legend>
      <ul className="flex flex-col gap-2">
        {links.map((link, index) => {
          const wrong = problem && linkProblem(link)
          return (
            <li
              key={index}
              className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2 gap-y-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto]"
            >
              <Input
                aria-label={`Words of link ${index + 1}`}
                placeholder="Runbook"
                value={link.title}
                onChange={(event) => at(index, { title: event.target.value })}
                className="max-sm:col-span-1"
              />
              <div className="max-sm:order-last max-sm:col-span-2">
                <Input
                  aria-label={`Address of link ${index + 1}`}
                  type="url"
                  placeholder="https://…"
                  value={link.url}
                  onChange={(event) => at(index, { url: event.target.value })}
                  onBlur={leave}
                  {...(wrong && { 'aria-invalid': true, 'aria-describedby': `link-problem-${index}` })}
                />
                {wrong && (
                  <p id={`link-problem-${index}`} className="mt-1 text-xs text-bad">
                    {wrong}
                  </p>
                )}
              </div>
              <Button
                variant="ghost"
                size="icon"
                aria-label={`Remove link ${index + 1}`}
                onClick={() => change(links.filter((_, other) => other !== index))}
              >
                <Trash2 />
              </Button>
            </li>
          )
        })}
      </ul>
      <Button
        variant="outline"
        size="sm"
        className={links.length > 0 ? 'mt-2' : ''}
        onClick={() => change([...links, { title: '', url: '' }])}
      >
        <Plus aria-hidden /> Add a link
      </Button>
    </fieldset>
  )
}
