import { expect, test } from 'vitest'
import { partsOf } from '@/lib/message'

test('refs and what was found literally are parts of their own', () => {
  expect(
    partsOf('label team says `a team: b` (on workload:k8s/prod/x/deployment/y and 1 more): no known team'),
  ).toEqual([
    { text: 'label team says ' },
    { literal: 'a team: b' },
    { text: ' (on ' },
    { ref: 'workload:k8s/prod/x/deployment/y' },
    { text: ' and 1 more): no known team' },
  ])
})

test('a ref ends before the bracket that closes behind it', () => {
  const arn = 'resource:arn:aws:dynamodb:eu-west-1:777788889999:table/crm-contacts'
  expect(partsOf(`tag Team says \`CRM\` (on ${arn}): no known team`)[3]).toEqual({ ref: arn })
})

test('a message without either is one text', () => {
  expect(partsOf('a record could not be read: no name')).toEqual([
    { text: 'a record could not be read: no name' },
  ])
})
