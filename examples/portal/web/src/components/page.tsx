import { type ReactNode, useEffect, useRef } from 'react'
import { cn } from '@/lib/cn'

/** Whether some page was shown before this one: only then a new page takes the focus. */
let arrived = false

/** The frame of every page: its title (also of the window), a line about it, and what can be done here. */
export function Page({
  title,
  window_title,
  above,
  beside,
  description,
  actions,
  children,
  className,
}: {
  title: ReactNode
  /** Where the title is more than text. */
  window_title?: string
  /** The way back, above the title. */
  above?: ReactNode
  /** Small things beside the title: a count, a badge. */
  beside?: ReactNode
  description?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = window_title ?? (typeof title === 'string' ? title : 'Portal')
  useEffect(() => {
    document.title = shown === 'Portal' ? shown : `${shown} · Portal`
  }, [shown])
  useEffect(() => {
    // A screen reader reads the new page from its title, and Tab goes on from there.
    if (arrived) heading.current?.focus({ preventScroll: true })
    arrived = true
  }, [])
  return (
    <div className={cn('mx-auto w-full max-w-[100rem] px-4 pt-6 pb-16 sm:px-6 lg:px-8', className)}>
      {above && <div className="mb-2 text-muted-foreground">{above}</div>}
      <div className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1
              ref={heading}
              tabIndex={-1}
              className="text-title font-semibold text-pretty wrap-anywhere outline-none"
            >
              {title}
            </h1>
            {beside}
          </div>
          {description && (
            <div className="mt-1 max-w-2xl text-pretty text-muted-foreground">{description}</div>
          )}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

/** Where the focus goes when what had it is gone: after a deletion, say. */
export function focusTitle() {
  // After the dialog that asked has given the focus back to what is about to go.
  setTimeout(() => document.querySelector('h1')?.focus({ preventScroll: true }), 50)
}

/** A part of a page with its own heading. */
export function Section({
  title,
  heading,
  beside,
  children,
  className,
}: {
  title: string
  /** What stands in the heading where that is more than the title. */
  heading?: ReactNode
  beside?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section aria-label={title} className={cn('min-w-0', className)}>
      <div className="mb-2.5 flex items-center justify-between gap-3">
        <h2 className="min-w-0 text-base font-semibold tracking-tight">{heading ?? title}</h2>
        {beside}
      </div>
      {children}
    </section>
  )
}

export function Card({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cn('rounded-lg border bg-card', className)}>{children}</div>
}
