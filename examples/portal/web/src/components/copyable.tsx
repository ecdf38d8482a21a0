import { cn } from '@/lib/cn'
import { CopyButton } from './copy-button'

/** A ref or an ARN that is copied with one press. */
export function Copyable({ text, className }: { text: string; className?: string }) {
  return (
    <span className={cn('inline-flex max-w-full min-w-0 items-center gap-0.5', className)}>
      <code className="truncate font-mono text-xs text-muted-foreground" title={text}>
        {text}
      </code>
      <CopyButton text={text} label={`Copy ${text}`} />
    </span>
  )
}
