// The theme is the system's unless a person chose one (src/app/theme.ts).
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('portal.theme')
  } catch {
    // Storage may be forbidden; then it is the system's.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
})()
