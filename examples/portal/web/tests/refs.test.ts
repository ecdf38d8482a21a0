import { expect, test } from 'vitest'
import { localOf, pathOf, shortName, whereOf } from '@/lib/refs'

test('a service has its namespace and name in its address', () => {
  expect(pathOf('service:payments/orders-api')).toBe('/services/payments/orders-api')
})

test('an ARN comes back from its address as it was, slashes and percent signs too', () => {
  const arn = 'arn:aws:dynamodb:eu-west-1:011122223333:table/a%2Fb/ü'
  const path = pathOf(`resource:${arn}`) ?? ''
  expect(path.slice('/resources/'.length)).not.toContain('/')
  expect(localOf(path, '/resources/')).toBe(arn)
})

test('a broken escape in the address is taken as it is written', () => {
  expect(localOf('/resources/100%', '/resources/')).toBe('100%')
})

test('a workload has no page', () => {
  expect(pathOf('workload:k8s/prod/payments/deployment/api')).toBeNull()
})

test('names are what people call things', () => {
  expect(shortName('resource:arn:aws:s3:::invoices')).toBe('invoices')
  expect(shortName('resource:arn:aws:rds:eu-west-1:011122223333:db:ledger')).toBe('ledger')
  expect(shortName('resource:arn:aws:dynamodb:eu-west-1:011122223333:table/orders')).toBe('orders')
  expect(shortName('service:payments/orders-api')).toBe('orders-api')
  expect(shortName('team:payments')).toBe('payments')
})

test('things of one name are told apart by where they are', () => {
  expect(whereOf('resource:arn:aws:sqs:eu-west-1:777788889999:refund-requests')).toBe(
    '777788889999 eu-west-1',
  )
  expect(whereOf('service:payments/refunds-api')).toBe('payments')
  expect(whereOf('workload:k8s/prod/payments/deployment/refunds-api')).toBe('prod payments')
  expect(whereOf('resource:arn:aws:s3:::invoices')).toBe('')
  expect(whereOf('team:payments')).toBe('')
})
