import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Changes() {
  return (
    <Page title="Changes">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
