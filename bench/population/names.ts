// Common names of many languages, so that made-up people sort, fold and search like real ones.

const words = (text: string): string[] => text.trim().split(/\s+/);

export const firstNames = words(`
Aaliyah Aaron Abdul Abigail Ada Adam Adèle Adrián Agnieszka Ahmed Aiko Aino Aïcha Akira Alan Albert Alejandro Aleksandra
Alessandro Alexander Alexis Alfie Alice Aline Alina Álvaro Amália Amanda Amélie Amina Amir Amy Ana Anaïs Anders Andrea
Andrej Andrés Ángel Angela Aniela Anita Anja Anna Anne Anton António Arjun Arthur Arturo Åsa Åse Astrid Audrey Aurélie
Ayşe Barbara Bartosz Beatriz Ben Benjamin Bérénice Bianca Birgit Björn Bogdan Boris Brahim Bruno Büşra Camila Carlos Carla
Carmen Caroline Catarina Cécile Céline Charlotte Chiara Chiamaka Chloé Christian Christine Claire Clara Clémence Colin
Connor Cristina Daan Dagný Daniel Daniela Dariusz David Deniz Diana Diego Dimitri Dominik Dorota Dragan Eduardo Efua
Eilidh Éléonore Elena Elif Elin Elisa Elizabeth Ella Émile Emilia Emily Emma Emre Enzo Erik Ester Eszter Étienne Eva Evelyn
Fabian Fatima Federica Felix Fernanda Filip Finn Florence Florian François Françoise Freja Frida Gabriel Gaëlle Gareth
Georg George Gergő Giacomo Giorgia Giulia Grace Grażyna Greta Grzegorz Guilherme Guðrún Gustav Gwendolyn Hamza Hana Hanna
Hannah Hans Harriet Hassan Heidi Heike Helena Hélène Henrik Henry Hiroshi Hugo Iain Ibrahim Ida Ignacio Ilse Inês Ines
Ingrid Irena Iris Isaac Isabel Isabella Ísold Ivan Iwona Jaakko Jack Jacob Jade Jakub James Jan Jana Jasmin Javier Jean
Jelena Jens Jessica Jesús Jiří Joana João Joanna Johanna John Jolanta Jonas José Joseph Józef Juan Judith Julia Julie
Jürgen Kaan Kacper Kamal Karin Karl Katarzyna Katja Kenji Kerstin Kevin Khadija Kiran Klara Krzysztof Kwame Lars László
Laura Laurent Léa Leila Lena Leonardo Léonie Leopold Liam Lina Linnéa Lisa Livia Lorenzo Louis Louise Luca Lucas Lucía
Lucie Luigi Luís Lukas Łukasz Luna Mads Magda Magnus Mahmoud Maja Małgorzata Manuel Marcel Marco Marcos Margot Maria María
Marie Marija Mariam Mario Marlène Marta Martin Mary Mateo Mathilde Matteo Matthew Maximilian Mehmet Mia Michael Michaela
Michał Miguel Mikael Milan Milena Mirjam Mohamed Mónica Morten Nadia Naomi Natalia Nathan Nele Nicolás Niels Nikola
Nikolaus Nina Noah Noémie Nora Nour Nuno Odile Ola Olga Oliver Olivia Ólafur Omar Óscar Oskar Øyvind Pablo Paolo Patricia
Patrick Paul Paula Paweł Pedro Péter Petra Philipp Pia Pierre Piotr Priya Quentin Rachel Rafael Ragnhild Raúl Rebecca Renata
René Ricardo Robert Robin Rosa Ruben Ruth Sabine Sakura Salma Samir Samuel Sandra Sara Sébastien Selin Sergio Siân Sibel
Silvia Simon Siobhán Sofia Sofía Soledad Søren Sophie Stanisław Stefan Stella Susanne Sven Sylvie Szymon Tamara Tariq Teresa
Théo Thomas Tiago Tim Tobias Tomáš Ulrike Urša Valentina Valérie Vanessa Vera Víctor Viktor Vincent Wanda Wei William
Wojciech Xavier Yann Yasmin Yusuf Yuki Yves Zara Zeynep Žiga Zoë Zofia Zuzana
`);

export const lastNames = words(`
Abbott Abdullah Acosta Adams Adeyemi Aguilar Ahmed Åkesson Albrecht Ali Allen Almeida Álvarez Andersen Anderson Andersson
Antunes Arnold Arslan Åström Aydın Bäcker Bailey Baker Bakker Balogun Barbosa Barbieri Bauer Baumann Becker Begum Bell
Benali Bennett Berg Berger Bergström Bernard Bianchi Björk Blanc Blanco Böhm Bondarenko Bos Bouchard Boucher Brandt Braun
Brown Bruno Çelik Campbell Cardoso Carter Castro Çetin Chan Chen Chevalier Clark Clarke Colombo Conti Cooper Correia Costa
Côté Cox Cruz Cunha Curie Dahl Davies Davis Delgado Demir Díaz Diop Doğan Domínguez Doyle Dubois Dudek Dufour Dupont Durand
Dvořák Eder Edwards Ek Eklund Engel Eriksen Eriksson Esposito Evans Faure Fernandes Fernández Ferrari Ferreira Fiala
Fischer Fisher Flores Fontaine Forsberg Foster Fournier Franke Fraser Friedrich Fuchs Gagnon Gallo García Garnier Gauthier
Gök Gómez Gonçalves González Graf Graham Grant Gray Greco Green Grünwald Guerra Guerrero Günther Gutiérrez Haas Hahn Hall
Hansen Harris Hartmann Haugen Hernández Herrera Hill Hofer Hoffmann Holm Holmberg Hopper Horáková Horvat Horvath Huang
Huber Hughes Ibáñez Ibrahim Iglesias İnan Ito Ivanov Jackson Jäger James Jankowski Jansen Janssen Jensen Jiménez Johansen
Johansson Johnson Jones Joshi Jørgensen Juhász Kaczmarek Kaiser Kamiński Kaplan Karlsson Kato Kaya Keller Kelly Khan Kılıç
Kim King Kiss Klein Kobayashi Koch Köhler König Koroma Korhonen Kovač Kovács Kowalski Kozłowski Krause Krüger Kumar Kuusela
Lahtinen Lambert Lang Larsen Larsson Laurent Lavoie Lefèvre Lehmann Lemaire León Leroy Lewandowski Lewis Li Liebermann
Lima Lindberg Lindqvist Liu Lombardi López Lovelace Lund Mäkinen MacDonald Maier Mancini Marchand Marković Marques Marshall
Martens Martin Martínez Martins Mårtensson Mayer Mazur McCarthy Medina Méndez Mendes Mercier Meyer Michel Miller Mitchell
Mohamed Molina Møller Moore Morales Moreau Moreno Moretti Morgan Morin Morris Müller Muñoz Murphy Nagy Nakamura Nascimento
Navarro Nedvěd Nel Neumann Nguyen Nielsen Nieminen Nilsson Novak Nováková Nowak Núñez Nyström Oliveira Olsen Olsson Ortega
Ortiz Öberg Öztürk Özdemir Pálsson Papadopoulos Parker Patel Pavlov Pedersen Pelletier Peña Pereira Pérez Perrin Peters
Petersen Petrović Pfeiffer Phillips Pietrzak Pinto Pires Poulsen Price Quinn Rahman Ramírez Ramos Rasmussen Reyes Ribeiro
Ricci Richard Richter Rivera Rizzo Roberts Robinson Rodrigues Rodríguez Rojas Romano Romero Rossi Rousseau Roux Ruiz Russo
Şahin Salazar Sánchez Santos Sanz Sato Schäfer Schmid Schmidt Schneider Scholz Schröder Schubert Schulz Schwarz Scott
Şen Serrano Silva Şimşek Simon Singh Sjöberg Smith Smit Soares Søndergaard Sørensen Sousa Steiner Stewart Strand Suárez
Suzuki Svensson Szabó Szymański Takahashi Tanaka Taylor Thomas Thompson Tóth Torres Turner Vargas Vasiliev Vázquez Virtanen
Visser Vogel Vuković Wagner Walker Wallace Wang Ward Watson Weber Weiß Werner White Wieczorek Williams Wilson Winkler
Wiśniewski Wójcik Wolf Wood Wright Yamamoto Yıldız Young Zając Zhang Ziegler Zieliński Zimmermann Zapata
`);

export const places = words(`
Aarhus Antwerp Athens Barcelona Basel Bergen Berlin Bilbao Bologna Bordeaux Bratislava Bremen Brno Brussels Budapest Cardiff
Cologne Córdoba Cork Dresden Dublin Edinburgh Florence Gdańsk Geneva Genoa Ghent Göteborg Graz Hamburg Helsinki Innsbruck
Istanbul İzmir Kraków Leeds Leipzig Liège Lille Lisbon Ljubljana Łódź London Lyon Madrid Málaga Malmö Marseille Milan
Montréal Munich Nantes Naples Oslo Oulu Palermo Paris Porto Poznań Prague Reykjavík Riga Rome Rotterdam Seville Sofia
Stockholm Tallinn Tampere Toulouse Trieste Turin Utrecht Valencia Vienna Vilnius Warsaw Wrocław Zagreb Zürich
`);

export const kindsOfGroup = words(`
Alumni Archivists Board Builders Buyers Choir Climbers Coaches Cooks Cyclists Dancers Designers Drivers Editors Fans Farmers
Gardeners Guests Interns Librarians Mechanics Members Mentors Musicians Nurses Parents Partners Pilots Planners Players
Readers Rowers Runners Sailors Scouts Sponsors Staff Students Subscribers Supporters Teachers Testers Translators Volunteers
Walkers Writers
`);

export const countries = words(`
DE FR ES IT PL GB TR NL SE PT CZ HU BE AT CH NO DK FI IE HR SI SK EE LV LT IS
`);
