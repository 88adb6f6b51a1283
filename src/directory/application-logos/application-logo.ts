import type { ImageType } from './image.ts';

/** The image of a logo, as it was fetched. */
export interface LogoImage {
  type: ImageType;
  /** The beginning of the SHA-256 of its content, in hexadecimal; part of its address. */
  digest: string;
  content: Buffer;
}

/** What is known of the logo of an application. */
export interface ApplicationLogo {
  clientId: string;
  /** `logo_uri` when it was fetched. */
  uri: string;
  /** When it was last tried. */
  checkedAt: Date;
  /** None if it could not be fetched, or is not shown. */
  image?: LogoImage;
}

/** The same without the content of the image. */
export type KnownLogo = Omit<ApplicationLogo, 'image'> & { image?: Omit<LogoImage, 'content'> };

export interface ApplicationLogoStore {
  list(): Promise<KnownLogo[]>;
  look(clientId: string): Promise<KnownLogo | undefined>;
  find(clientId: string): Promise<ApplicationLogo | undefined>;
  put(logo: ApplicationLogo): Promise<void>;
  remove(clientId: string): Promise<void>;
}
