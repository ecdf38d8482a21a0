import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Products() {
  return (
    <Page title="Products">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
