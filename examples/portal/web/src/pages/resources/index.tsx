import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Resources() {
  return (
    <Page title="Resources">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
