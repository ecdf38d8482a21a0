import { Page } from '@/components/page'
import { Empty } from '@/components/states'

export default function Team() {
  return (
    <Page title="Team">
      <Empty title="This page is not built yet" />
    </Page>
  )
}
