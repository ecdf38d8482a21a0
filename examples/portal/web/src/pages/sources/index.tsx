import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Sources() {
  return (
    <Page title="Sources">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
