import { useEffect, useState } from 'react'

/** The value, once it has not changed for so long. */
export function useDebounced<T>(value: T, wait_ms: number): T {
  const [settled, settle] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => settle(value), wait_ms)
    return () => clearTimeout(timer)
  }, [value, wait_ms])
  return settled
}
