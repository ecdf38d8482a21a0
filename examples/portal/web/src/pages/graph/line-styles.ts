import type { GraphEdge } from '@/lib/graph'

/** Each relation has a line of its own: colour says only what is selected. */
export const line_styles: Record<GraphEdge['type'], { dash: string | undefined; width: number }> = {
  uses: { dash: undefined, width: 1.5 },
  depends_on: { dash: undefined, width: 2.5 },
  created_by: { dash: '8 4', width: 1.5 },
  runs_as: { dash: '2 3', width: 2 },
  owned_by: { dash: '5 4', width: 1 },
  part_of: { dash: '10 3 2 3', width: 1 },
  in: { dash: '1 4', width: 1.5 },
}
