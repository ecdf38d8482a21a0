import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Teams() {
  return (
    <Page title="Teams">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
