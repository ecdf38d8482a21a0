import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Graph() {
  return (
    <Page title="Graph">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
