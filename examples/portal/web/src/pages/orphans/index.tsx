import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Orphans() {
  return (
    <Page title="Orphans">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
