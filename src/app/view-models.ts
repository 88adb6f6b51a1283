import { bootstrapViewModels } from '../administration/bootstrap/bootstrap.views.ts';
import { apiDocsViewModels } from '../administration/admin-api/api-docs.views.ts';
import { applicationViewModels } from '../administration/console/applications.views.ts';
import { groupViewModels } from '../administration/console/groups.views.ts';
import { operationViewModels } from '../administration/console/operations.views.ts';
import { consolePartialModels } from '../administration/console/partials.views.ts';
import { userViewModels } from '../administration/console/users.views.ts';
import { linkViewModels } from '../authentication/credentials/links.views.ts';
import { invitationViewModels } from '../authentication/invitations/invitations.views.ts';
import { mfaViewModels } from '../authentication/mfa/mfa.views.ts';
import { passwordResetViewModels } from '../authentication/password-reset/password-reset.views.ts';
import { registrationViewModels } from '../authentication/registration/registration.views.ts';
import { accountViewModels } from '../my-account/my-account.views.ts';
import { signInViewModels } from '../oidc/sign-in/sign-in.views.ts';
import { sharedViewModels } from '../platform/http/shared.views.ts';
import type { ViewModels } from '../platform/view-model.ts';

/** Of every view that shows more than it is given. */
export const viewModels: ViewModels = {
  ...sharedViewModels,
  ...linkViewModels,
  ...invitationViewModels,
  ...mfaViewModels,
  ...passwordResetViewModels,
  ...registrationViewModels,
  ...signInViewModels,
  ...accountViewModels,
  ...bootstrapViewModels,
  ...apiDocsViewModels,
  ...consolePartialModels,
  ...applicationViewModels,
  ...groupViewModels,
  ...operationViewModels,
  ...userViewModels,
};
