import type { Versioned } from '@/api/client'
import type { Resource } from '@/api/resources'
import { useSettle } from '@/components/ownership/use-settle'
import { TeamCombobox } from '@/components/team-combobox'

/** Says which team owns it. It is an override: no collection undoes it. */
export function AssignDialog({ version, close }: { version: Versioned<Resource>; close: () => void }) {
  const { run } = useSettle()
  const { data } = version
  return (
    <TeamCombobox
      title={`Who owns ${data.display_name}?`}
      description="What you say here is stronger than every tag, and stays whatever the next collection finds."
      chosen={data.team}
      choose={(team) => {
        close()
        void run(version, { action: 'assign', team })
      }}
      close={close}
    />
  )
}
