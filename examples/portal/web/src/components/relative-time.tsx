import { exactly, relative, useNow } from '@/lib/time'

/** `3 hours ago`, with the exact time as its title. */
export function RelativeTime({
  time,
  otherwise = 'never',
}: {
  time: string | null | undefined
  otherwise?: string
}) {
  const now = useNow()
  if (!time) return <span className="text-muted-foreground">{otherwise}</span>
  const date = new Date(time)
  return (
    <time dateTime={time} title={exactly(date)} className="whitespace-nowrap">
      {relative(date, now)}
    </time>
  )
}
