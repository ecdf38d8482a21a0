import { CopyButton } from '@/components/copy-button'
import { grantOf } from '@/lib/coverage'

/** The missing right, in the words of the system that gives it, ready to be copied. */
export function Grant({ permission }: { permission: string }) {
  const grant = grantOf(permission)
  return (
    <div className="mt-2">
      <p className="text-xs text-muted-foreground">
        Missing right: <code className="font-mono text-xs text-foreground">{permission}</code>
        {grant && `. ${grant.into}:`}
      </p>
      {grant && (
        <div className="relative mt-1 rounded-md bg-muted">
          <pre className="px-3 py-2 pr-10 font-mono text-xs wrap-anywhere whitespace-pre-wrap">
            {grant.text}
          </pre>
          <CopyButton
            text={grant.text}
            label={`Copy what grants ${permission}`}
            className="absolute top-1 right-1"
          />
        </div>
      )}
    </div>
  )
}
