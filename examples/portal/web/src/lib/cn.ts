import { type ClassValue, clsx } from 'clsx'
import { twMerge } from 'tailwind-merge'

/** Class names put together; the last of two that contradict each other wins. */
export function cn(...classes: ClassValue[]) {
  return twMerge(clsx(classes))
}
