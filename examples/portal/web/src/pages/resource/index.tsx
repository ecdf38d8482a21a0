import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Resource() {
  return (
    <Page title="Resource">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
