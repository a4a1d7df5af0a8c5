import { createLog } from './log.js'
import { createOrders } from './orders.js'
import { createQuotes } from './quotes.js'
import { createRoutes } from './routes.js'
import { serve } from './service.js'
import { readSettings } from './settings.js'
import { failureRate, version } from './version.js'

const settings = readSettings(process.env)
const quotes = createQuotes({ failureRate })
const orders = createOrders({ secretFile: settings.secretFile, quotes })

serve({
  settings,
  log: createLog({ service: 'api', settings }),
  answer: createRoutes({ settings, version, quotes, orders }),
})
