import { type Finding, failed, ok } from '#core/doctor/finding'
import { errorMessage } from '#core/util/error-message'
import { type BotIdentity, createTokenSource } from './bot-framework-authentication.ts'

/** Checks that Microsoft Entra gives the bot a token for the Bot Framework. */
export async function diagnoseTeams(identity: BotIdentity): Promise<Finding> {
  try {
    await createTokenSource(identity)()
    return ok('Teams token', 'the bot gets one')
  } catch (error) {
    const why = errorMessage(error)
    const mend = `az ad app credential reset --id ${identity.appId}, and its password into TEAMS_APP_SECRET; the app has to be in the tenant ${identity.tenant}`
    return failed('Teams token', why, mend)
  }
}
