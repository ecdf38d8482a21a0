import { MapPinOff } from 'lucide-react'
import { Link } from 'wouter'
import { Page } from '@/components/page'
import { Empty } from '@/components/states'
import { Button } from '@/components/ui/button'

export default function NotFound() {
  return (
    <Page title="No such page">
      <Empty
        icon={MapPinOff}
        title="Nothing is at this address"
        action={
          <Button asChild>
            <Link href="/">To the overview</Link>
          </Button>
        }
      >
        The link may be old, or a letter is missing. Ctrl-K searches everything.
      </Empty>
    </Page>
  )
}
