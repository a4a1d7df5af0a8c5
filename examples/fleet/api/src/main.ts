import invariant from 'tiny-invariant'
import { json, serve } from './serve.ts'

const { VEHICLES = '12' } = process.env
const count = Number(VEHICLES)
invariant(count >= 0, 'VEHICLES: expected a number that is not negative')

serve(async path => {
  if (path === '/api/vehicles') return json(200, { count })
  return json(404, { error: 'not found' })
})
