/** @file The words of oneself that no other room needs: one's own password. */

/** @type {Object<string, [string, string]>} */
export const WORDS = {
  me_password: ["换密码", "Change password"],
  me_password_now: ["现在的密码", "Present password"],
  me_password_new: ["新密码", "New password"],
  me_password_hint: ["至少 8 个字符", "At least 8 characters"],
  me_password_short: ["太短，至少 8 个字符", "Too short: at least 8 characters"],
  me_password_missing: ["写上现在的密码", "Write the present password"],
  me_password_save: ["换成新的", "Change it"],
  me_password_done: ["换好了。别处的登录都退出了。", "Changed. Sessions elsewhere have ended."],
};
