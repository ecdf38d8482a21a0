import { useLocation } from 'wouter'
import { localOf } from '@/lib/refs'
import { OneProduct } from './OneProduct'
import { ProductList } from './ProductList'

/** What the business sells or runs: all of it, or one with its teams and services rolled up. */
export default function Products() {
  const [path] = useLocation()
  const name = path === '/products' ? '' : localOf(location.pathname, '/products/')
  return name === '' ? <ProductList /> : <OneProduct name={name} />
}
