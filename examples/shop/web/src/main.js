import { createLog } from './log.js'
import { createPages } from './pages.js'
import { createRoutes } from './routes.js'
import { serve } from './service.js'
import { readSettings } from './settings.js'
import { createShopApi } from './shop-api.js'

const settings = readSettings(process.env)
const log = createLog({ service: 'web', settings })

serve({
  settings,
  log,
  answer: createRoutes({ api: createShopApi(process.env), pages: createPages(settings), log }),
})
