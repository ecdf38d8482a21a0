import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Overview() {
  return (
    <Page title="Overview">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
