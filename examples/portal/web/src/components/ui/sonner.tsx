import 'sonner/dist/styles.css'
import { Toaster as Sonner } from 'sonner'
import { useTheme } from '@/app/theme'

export function Toaster() {
  const { shown } = useTheme()
  return (
    <Sonner
      theme={shown}
      position="bottom-right"
      toastOptions={{
        classNames: {
          toast: '!border-border !bg-popover !text-foreground !font-sans !text-sm !shadow-float',
          description: '!text-muted-foreground',
          success: '[&_[data-icon]]:text-ok',
          error: '[&_[data-icon]]:text-bad',
          actionButton: '!bg-primary !text-primary-foreground',
        },
      }}
    />
  )
}
