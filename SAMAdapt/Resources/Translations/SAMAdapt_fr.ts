<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr_FR" sourcelanguage="en">
  <context>
    <name>AdapterStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source>Adapters on this computer. Double-click one to use it.</source>
      <translation>Adaptateurs sur cet ordinateur. Double-cliquez sur l'un d'eux pour l'utiliser.</translation>
    </message>
    <message>
      <source>Adapters that others have published in a folder or on a web server.</source>
      <translation>Adaptateurs que d'autres ont publiés dans un dossier ou sur un serveur web.</translation>
    </message>
    <message>
      <source>Add an adapter from a file that was exported.</source>
      <translation>Ajouter un adaptateur à partir d'un fichier exporté.</translation>
    </message>
    <message>
      <source>Add the selected adapter to those on this computer. Stop keeps what has come from a web server, and the next time goes on from there.</source>
      <translation>Ajouter l'adaptateur sélectionné à ceux de cet ordinateur. Arrêter garde ce qui est déjà venu du serveur web ; la prochaine fois continue à partir de là.</translation>
    </message>
    <message>
      <source>Address (https://...) or folder, as whoever publishes there has told it.</source>
      <translation>Adresse (https://...) ou dossier, comme l'indique celui qui y publie.</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>Parcourir</translation>
    </message>
    <message>
      <source>Cells of the study that are done. A cell is one model, trained and tested.</source>
      <translation>Cellules terminées de l'étude. Une cellule est un modèle, entraîné et testé.</translation>
    </message>
    <message>
      <source>Choose a folder in place of an address.</source>
      <translation>Choisir un dossier au lieu d'une adresse.</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>Classes</translation>
    </message>
    <message>
      <source>Compare the segmentation chosen at the top with the reference: Dice, IoU, HD95 and NSD of each structure.</source>
      <translation>Comparer la segmentation choisie en haut à la référence : Dice, IoU, HD95 et NSD de chaque structure.</translation>
    </message>
    <message>
      <source>Date</source>
      <translation>Date</translation>
    </message>
    <message>
      <source>Delete the selected adapter from this computer.</source>
      <translation>Supprimer l'adaptateur sélectionné de cet ordinateur.</translation>
    </message>
    <message>
      <source>Delete...</source>
      <translation>Supprimer...</translation>
    </message>
    <message>
      <source>Description of your own (TOML). samadapt study PRESET --show prints one to begin with.</source>
      <translation>Votre propre description (TOML). samadapt study PRESET --show en affiche une pour commencer.</translation>
    </message>
    <message>
      <source>Description:</source>
      <translation>Description :</translation>
    </message>
    <message>
      <source>Design:</source>
      <translation>Plan :</translation>
    </message>
    <message>
      <source>Dice</source>
      <translation>Dice</translation>
    </message>
    <message>
      <source>Do what is left of the study, beside the application. Stop keeps all that is finished, and the next run goes on from there, also after a restart.</source>
      <translation>Faire ce qui reste de l'étude, à côté de l'application. Arrêter garde tout ce qui est terminé, et le prochain lancement continue à partir de là, même après un redémarrage.</translation>
    </message>
    <message>
      <source>Evaluate the segmentation</source>
      <translation>Évaluer la segmentation</translation>
    </message>
    <message>
      <source>Export...</source>
      <translation>Exporter...</translation>
    </message>
    <message>
      <source>Fetch</source>
      <translation>Récupérer</translation>
    </message>
    <message>
      <source>Folder for the results and all that is trained. What is finished there stays, and a run goes on where the last one was.</source>
      <translation>Dossier des résultats et de tout ce qui est entraîné. Ce qui y est terminé reste, et un lancement continue là où le dernier s'est arrêté.</translation>
    </message>
    <message>
      <source>Folder...</source>
      <translation>Dossier...</translation>
    </message>
    <message>
      <source>Give the selected adapter another name.</source>
      <translation>Donner un autre nom à l'adaptateur sélectionné.</translation>
    </message>
    <message>
      <source>How much of the adapter has come.</source>
      <translation>Quelle part de l'adaptateur est arrivée.</translation>
    </message>
    <message>
      <source>Import...</source>
      <translation>Importer...</translation>
    </message>
    <message>
      <source>List what is published there.</source>
      <translation>Lister ce qui y est publié.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Méthode</translation>
    </message>
    <message>
      <source>Model card of the selected adapter.</source>
      <translation>Fiche de modèle de l'adaptateur sélectionné.</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>Nom</translation>
    </message>
    <message>
      <source>Output folder:</source>
      <translation>Dossier de sortie :</translation>
    </message>
    <message>
      <source>Points, boxes, boxes with a click and propagation on slices that the training held out, answered with the base weights and with the adapter. A plain point is answered by the adapter alone, without a box grown from the point.</source>
      <translation>Points, boîtes, boîtes avec un clic et propagation sur des coupes que l'entraînement a mises de côté, traités avec les poids de base et avec l'adaptateur. Un simple point est traité par l'adaptateur seul, sans boîte agrandie à partir du point.</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>Adaptateurs publiés</translation>
    </message>
    <message>
      <source>Put the segmentation chosen at the top into the DICOM database, as a DICOM segmentation beside the series of its volume, which has to come from there. It says whose it is, as the series does.</source>
      <translation>Mettre la segmentation choisie en haut dans la base de données DICOM, comme segmentation DICOM à côté de la série de son volume, qui doit en provenir. Elle nomme le patient, comme la série.</translation>
    </message>
    <message>
      <source>Reference:</source>
      <translation>Référence :</translation>
    </message>
    <message>
      <source>Refuse what has been signed by none of the keys in your folder of trusted keys; see the tutorial.</source>
      <translation>Refuser ce qui n'est signé par aucune des clés de votre dossier de clés de confiance ; voir le tutoriel.</translation>
    </message>
    <message>
      <source>Rename...</source>
      <translation>Renommer...</translation>
    </message>
    <message>
      <source>Results; each further evaluation adds its rows.</source>
      <translation>Résultats ; chaque nouvelle évaluation ajoute ses lignes.</translation>
    </message>
    <message>
      <source>Run study</source>
      <translation>Lancer l'étude</translation>
    </message>
    <message>
      <source>Save the segmentation as DICOM SEG</source>
      <translation>Enregistrer la segmentation en DICOM SEG</translation>
    </message>
    <message>
      <source>Scans (CSV):</source>
      <translation>Images (CSV) :</translation>
    </message>
    <message>
      <source>Segment with the base model, without an adapter.</source>
      <translation>Segmenter avec le modèle de base, sans adaptateur.</translation>
    </message>
    <message>
      <source>Segment with the selected adapter from now on.</source>
      <translation>Segmenter désormais avec l'adaptateur sélectionné.</translation>
    </message>
    <message>
      <source>Segmentation that counts as right. Structures are matched by name.</source>
      <translation>Segmentation considérée comme juste. Les structures sont associées par leur nom.</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>Choisir une segmentation</translation>
    </message>
    <message>
      <source>Show report</source>
      <translation>Afficher le rapport</translation>
    </message>
    <message>
      <source>Signed by a key that I trust only</source>
      <translation>Seulement signé par une clé de confiance</translation>
    </message>
    <message>
      <source>Spread of the results over all evaluated cases.</source>
      <translation>Dispersion des résultats sur tous les cas évalués.</translation>
    </message>
    <message>
      <source>Study</source>
      <translation>Étude</translation>
    </message>
    <message>
      <source>Surface distance that the normalised surface Dice (NSD) forgives.</source>
      <translation>Distance de surface que tolère le Dice de surface normalisé (NSD).</translation>
    </message>
    <message>
      <source>Table of your scans with the columns image, labels, patient and split (train or test). Left empty, that of the description counts.</source>
      <translation>Tableau de vos images avec les colonnes image, labels, patient et split (train ou test). Laissé vide, celui de la description compte.</translation>
    </message>
    <message>
      <source>The adapter that the Segment Editor effect and the console use.</source>
      <translation>L'adaptateur qu'utilisent l'effet du Segment Editor et la console.</translation>
    </message>
    <message>
      <source>Tolerance:</source>
      <translation>Tolérance :</translation>
    </message>
    <message>
      <source>Train and test models on many scans, on few and on many labelled slices, with several seeds, and compare them in one report.</source>
      <translation>Entraîner et tester des modèles sur beaucoup d'images, sur peu et sur beaucoup de coupes annotées, avec plusieurs graines, et les comparer dans un rapport.</translation>
    </message>
    <message>
      <source>Use</source>
      <translation>Utiliser</translation>
    </message>
    <message>
      <source>Use none</source>
      <translation>N'en utiliser aucun</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>Poids :</translation>
    </message>
    <message>
      <source>What has come of it.</source>
      <translation>Ce qui en est résulté.</translation>
    </message>
    <message>
      <source>What is compared: a preset, which follows a paper's design, or a description of your own.</source>
      <translation>Ce qui est comparé : un préréglage, qui suit le plan d'un article, ou votre propre description.</translation>
    </message>
    <message>
      <source>What is published there. Dice is that on patients whom the training held out, as the model card tells it.</source>
      <translation>Ce qui y est publié. Le Dice est celui sur des patients mis de côté à l'entraînement, selon la fiche de modèle.</translation>
    </message>
    <message>
      <source>What the study is doing, and about how long it takes.</source>
      <translation>Ce que fait l'étude, et sa durée approximative.</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>Ce qui a été enregistré dans la base DICOM, et ce qui ne l'a pas été.</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use.</source>
      <translation>Quels poids répondent lorsqu'un adaptateur est utilisé.</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use: for each kind of prompt those that were better on slices that its training held out, or always the same ones.</source>
      <translation>Quels poids répondent lorsqu'un adaptateur est utilisé : pour chaque type d'indication, ceux qui étaient meilleurs sur les coupes mises de côté à l'entraînement, ou toujours les mêmes.</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter, as is said there; whether that holds is found out when it is fetched. Then the terms under which it is handed on.</source>
      <translation>Qui a signé l'adaptateur sélectionné, d'après ce qui est dit là-bas ; la vérification a lieu à la récupération. Puis les conditions de sa diffusion.</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter. Keys that you trust lie in a folder of your own; see the tutorial.</source>
      <translation>Qui a signé l'adaptateur sélectionné. Les clés de confiance sont dans un dossier à vous ; voir le tutoriel.</translation>
    </message>
    <message>
      <source>Write the report of what is there, also of a study that is still going on, and show it in the web browser.</source>
      <translation>Écrire le rapport de ce qui est là, même si l'étude est en cours, et l'afficher dans le navigateur web.</translation>
    </message>
    <message>
      <source>Write the selected adapter and its model card into one file to pass on.</source>
      <translation>Écrire l'adaptateur sélectionné et sa fiche de modèle dans un seul fichier à transmettre.</translation>
    </message>
    <message>
      <source>https://... or a folder</source>
      <translation>https://... ou un dossier</translation>
    </message>
  </context>
  <context>
    <name>Channels</name>
    <message>
      <source>Another sequence of the same patient, which the model sees together with the volume. Kept with the volume.</source>
      <translation>Une autre séquence du même patient, que le modèle voit avec le volume. Conservé avec le volume.</translation>
    </message>
    <message>
      <source>Bring volumes that lie on another grid onto that of the first, by linear interpolation. The volumes themselves stay as they are.</source>
      <translation>Ramener les volumes d'une autre grille sur celle du premier, par interpolation linéaire. Les volumes eux-mêmes ne changent pas.</translation>
    </message>
    <message>
      <source>One more. An adapter wants as many as it was trained with, in that order.</source>
      <translation>Un de plus. Un adaptateur en demande autant qu'à son entraînement, dans le même ordre.</translation>
    </message>
    <message>
      <source>Resample where grids differ</source>
      <translation>Rééchantillonner si les grilles diffèrent</translation>
    </message>
    <message>
      <source>nothing else</source>
      <translation>rien d'autre</translation>
    </message>
  </context>
  <context>
    <name>ComputerStep</name>
    <message>
      <source>Computer that segments in place of this one, as host:port; see "samadapt serve". Empty: this computer works by itself. Training stays on this computer.</source>
      <translation>Ordinateur qui segmente à la place de celui-ci, sous la forme host:port ; voir "samadapt serve". Vide : cet ordinateur travaille lui-même. L'entraînement reste sur cet ordinateur.</translation>
    </message>
    <message>
      <source>Delete</source>
      <translation>Supprimer</translation>
    </message>
    <message>
      <source>Delete the embeddings that are kept on disk. Slices are then looked at anew, which takes a moment each.</source>
      <translation>Supprimer les plongements conservés sur le disque. Les coupes sont alors réexaminées, ce qui prend un instant pour chacune.</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>Appareil :</translation>
    </message>
    <message>
      <source>File with the token that the server was started with.</source>
      <translation>Fichier du jeton avec lequel le serveur a été démarré.</translation>
    </message>
    <message>
      <source>Kept embeddings:</source>
      <translation>Plongements conservés :</translation>
    </message>
    <message>
      <source>Server:</source>
      <translation>Serveur :</translation>
    </message>
    <message>
      <source>Token file:</source>
      <translation>Fichier du jeton :</translation>
    </message>
    <message>
      <source>What fine-tuning and segmenting run on, on this computer. Automatic takes a graphics card where there is one.</source>
      <translation>Sur quoi s'exécutent l'ajustement et la segmentation, sur cet ordinateur. Automatique prend une carte graphique s'il y en a une.</translation>
    </message>
    <message>
      <source>What the model has seen of slices, kept so that they need not be looked at again. It can be deleted at any time.</source>
      <translation>Ce que le modèle a vu des coupes, conservé pour ne pas les réexaminer. On peut le supprimer à tout moment.</translation>
    </message>
    <message>
      <source>Where slices are segmented.</source>
      <translation>Où les coupes sont segmentées.</translation>
    </message>
    <message>
      <source>none: this computer</source>
      <translation>aucun : cet ordinateur</translation>
    </message>
  </context>
  <context>
    <name>ExemplarStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source> slices</source>
      <translation> coupes</translation>
    </message>
    <message>
      <source>Add all ticked suggestions to the library.</source>
      <translation>Ajouter toutes les suggestions cochées à la bibliothèque.</translation>
    </message>
    <message>
      <source>Add as background</source>
      <translation>Ajouter comme fond</translation>
    </message>
    <message>
      <source>Add current slice</source>
      <translation>Ajouter la coupe actuelle</translation>
    </message>
    <message>
      <source>Add ticked slices</source>
      <translation>Ajouter les coupes cochées</translation>
    </message>
    <message>
      <source>Blank beyond:</source>
      <translation>Effacer au-delà de :</translation>
    </message>
    <message>
      <source>Copy the shown slice as one without any label: synthesis pastes organs onto it, and training learns from it what is not there.</source>
      <translation>Copier la coupe affichée comme coupe sans aucun label : la synthèse y colle des organes, et l'entraînement en apprend ce qui n'y est pas.</translation>
    </message>
    <message>
      <source>Copy the slice shown in the slice view into the library, with the labels of the segmentation. If the library has that slice already, the labels as they are now take the place of the earlier ones.</source>
      <translation>Copier dans la bibliothèque la coupe affichée dans la vue de coupe, avec les labels de la segmentation. Si la bibliothèque a déjà cette coupe, les labels actuels remplacent les anciens.</translation>
    </message>
    <message>
      <source>Delete the selected exemplars from the library folder.</source>
      <translation>Supprimer les exemples sélectionnés du dossier de la bibliothèque.</translation>
    </message>
    <message>
      <source>Direction in which the slices are stacked. All exemplars of one library should share it.</source>
      <translation>Direction d'empilement des coupes. Tous les exemples d'une bibliothèque devraient la partager.</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>Chercher</translation>
    </message>
    <message>
      <source>Folder of the exemplar library. It holds pixels and labels only, nothing that names a patient.</source>
      <translation>Dossier de la bibliothèque d'exemples. Il ne contient que des pixels et des labels, rien qui nomme un patient.</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>Niveaux de gris :</translation>
    </message>
    <message>
      <source>How many slices to name, the one that would add most first.</source>
      <translation>Combien de coupes nommer, celle qui apporterait le plus en premier.</translation>
    </message>
    <message>
      <source>How many slices to suggest.</source>
      <translation>Combien de coupes proposer.</translation>
    </message>
    <message>
      <source>Library folder:</source>
      <translation>Dossier de la bibliothèque :</translation>
    </message>
    <message>
      <source>Look through volumes that need no labels, and name the slices worth labelling next: those that stand for many which no exemplar is like, where the structures are expected, with what the adapter in use doubts. It takes the better part of a second a slice, 120 slices at most.</source>
      <translation>Parcourir des volumes, sans qu'il faille de labels, et nommer les coupes à annoter ensuite : celles qui en représentent beaucoup auxquelles aucun exemple ne ressemble, là où les structures sont attendues, et celles dont doute l'adaptateur utilisé. Cela prend près d'une seconde par coupe, 120 coupes au plus.</translation>
    </message>
    <message>
      <source>Neighbours:</source>
      <translation>Voisines :</translation>
    </message>
    <message>
      <source>Number of exemplars for each class.</source>
      <translation>Nombre d'exemples de chaque classe.</translation>
    </message>
    <message>
      <source>Optional, stored as a hash</source>
      <translation>Facultatif, gardé sous forme de hachage</translation>
    </message>
    <message>
      <source>Optional: any text that is the same for all scans of one patient, so that validation never sees a patient of the training. Only a salted hash of it is stored.</source>
      <translation>Facultatif : un texte quelconque, le même pour toutes les images d'un patient, pour que la validation ne voie jamais un patient de l'entraînement. Seul un hachage salé en est conservé.</translation>
    </message>
    <message>
      <source>Patient:</source>
      <translation>Patient :</translation>
    </message>
    <message>
      <source>Pixels of a head can show a face. What is farther than this from the labels on each slice is blanked; a label near the face keeps the face. A library that was begun so goes on so.</source>
      <translation>Les pixels d'une tête peuvent montrer un visage. Ce qui est plus loin que cela des labels sur chaque coupe est effacé ; un label près du visage conserve le visage. Une bibliothèque ainsi commencée continue ainsi.</translation>
    </message>
    <message>
      <source>Remove selected</source>
      <translation>Retirer la sélection</translation>
    </message>
    <message>
      <source>Slice axis:</source>
      <translation>Axe des coupes :</translation>
    </message>
    <message>
      <source>Slices looked at. Stop ends it; what the model has seen is kept, and a next call is faster.</source>
      <translation>Coupes examinées. Arrêter y met fin ; ce que le modèle a vu est gardé, et un prochain appel est plus rapide.</translation>
    </message>
    <message>
      <source>Slices on each side to keep with every exemplar, for methods that see a stack of slices (Medical SAM Adapter with depth). 0 for all other methods.</source>
      <translation>Coupes de chaque côté à garder avec chaque exemple, pour les méthodes qui voient une pile de coupes (Medical SAM Adapter avec profondeur). 0 pour toutes les autres méthodes.</translation>
    </message>
    <message>
      <source>Slices that nobody has labelled yet, and that would add most to the library.</source>
      <translation>Coupes que personne n'a encore annotées, et qui apporteraient le plus à la bibliothèque.</translation>
    </message>
    <message>
      <source>Slices worth labelling next, and why. Click one to show it in the slice views.</source>
      <translation>Coupes à annoter ensuite, et pourquoi. Cliquez sur l'une pour l'afficher dans les vues de coupe.</translation>
    </message>
    <message>
      <source>Suggest labelled slices of this volume as exemplars.</source>
      <translation>Proposer des coupes annotées de ce volume comme exemples.</translation>
    </message>
    <message>
      <source>Suggest next slice</source>
      <translation>Proposer la coupe suivante</translation>
    </message>
    <message>
      <source>Suggest:</source>
      <translation>Proposer :</translation>
    </message>
    <message>
      <source>Suggested slices: click one to show it, untick those that should not be added.</source>
      <translation>Coupes proposées : cliquez sur l'une pour l'afficher, décochez celles à ne pas ajouter.</translation>
    </message>
    <message>
      <source>The exemplars, labels in colour. Select some to remove them.</source>
      <translation>Les exemples, labels en couleur. Sélectionnez-en pour les retirer.</translation>
    </message>
    <message>
      <source>The library is empty.</source>
      <translation>La bibliothèque est vide.</translation>
    </message>
    <message>
      <source>Unlabelled:</source>
      <translation>Sans labels :</translation>
    </message>
    <message>
      <source>What became of the slices that were added last.</source>
      <translation>Ce que sont devenues les dernières coupes ajoutées.</translation>
    </message>
    <message>
      <source>Where to look: in all volumes of the scene that are CT as the one at the top is, or no CT as it is not; or in that one only.</source>
      <translation>Où chercher : dans tous les volumes de la scène qui sont, comme celui du haut, TDM ou non ; ou dans celui-ci seulement.</translation>
    </message>
    <message>
      <source>library: as the exemplars that are there already, or chosen from the voxel values for the first one. displayed: the window and level of the slice views.</source>
      <translation>library : comme les exemples déjà présents, ou choisi d'après les valeurs des voxels pour le premier. displayed : la fenêtre et le niveau des vues de coupe.</translation>
    </message>
    <message>
      <source>nothing</source>
      <translation>rien</translation>
    </message>
  </context>
  <context>
    <name>SAMAdapt</name>
    <message>
      <source>1. Exemplars</source>
      <translation>1. Exemples</translation>
    </message>
    <message>
      <source>2. Synthesis</source>
      <translation>2. Synthèse</translation>
    </message>
    <message>
      <source>3. Fine-tune</source>
      <translation>3. Ajustement</translation>
    </message>
    <message>
      <source>4. Use and evaluate</source>
      <translation>4. Utiliser et évaluer</translation>
    </message>
    <message>
      <source>Adapt a base model to the exemplars on this computer.</source>
      <translation>Adapter un modèle de base aux exemples, sur cet ordinateur.</translation>
    </message>
    <message>
      <source>Adapts Segment Anything models to your anatomy with a handful of labelled slices, on this computer. Prompts are given with the effect SAM Adapt of the Segment Editor.</source>
      <translation>Adapte des modèles Segment Anything à votre anatomie avec une poignée de coupes annotées, sur cet ordinateur. Les indications se donnent avec l'effet SAM Adapt du Segment Editor.</translation>
    </message>
    <message>
      <source>All loaded volumes</source>
      <translation>Tous les volumes chargés</translation>
    </message>
    <message>
      <source>Choose an adapter and measure how well it segments.</source>
      <translation>Choisir un adaptateur et mesurer la qualité de sa segmentation.</translation>
    </message>
    <message>
      <source>Collect a handful of labelled slices in a folder.</source>
      <translation>Rassembler une poignée de coupes annotées dans un dossier.</translation>
    </message>
    <message>
      <source>Fine-tuning follows Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133); the base models are Segment Anything (Kirillov et al.), MedSAM and LiteMedSAM (Ma et al.), and MobileSAM (Zhang et al.).</source>
      <translation>L'ajustement suit Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133) ; les modèles de base sont Segment Anything (Kirillov et al.), MedSAM et LiteMedSAM (Ma et al.), et MobileSAM (Zhang et al.).</translation>
    </message>
    <message>
      <source>How training slices are made from the exemplars.</source>
      <translation>Comment les coupes d'entraînement sont faites à partir des exemples.</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>Segment all loaded volumes, one after the other.</source>
      <translation>Segmenter tous les volumes chargés, l'un après l'autre.</translation>
    </message>
    <message>
      <source>Segmentation</source>
      <translation>Segmentation</translation>
    </message>
    <message>
      <source>Segmentation:</source>
      <translation>Segmentation :</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>Choisir une segmentation</translation>
    </message>
    <message>
      <source>Select a volume</source>
      <translation>Choisir un volume</translation>
    </message>
    <message>
      <source>The scan to take slices from and to segment.</source>
      <translation>L'image dont on prend des coupes et que l'on segmente.</translation>
    </message>
    <message>
      <source>The segmentation that belongs to the volume: source of exemplars, and what is evaluated.</source>
      <translation>La segmentation qui va avec le volume : source des exemples, et ce qui est évalué.</translation>
    </message>
    <message>
      <source>This computer</source>
      <translation>Cet ordinateur</translation>
    </message>
    <message>
      <source>Volume:</source>
      <translation>Volume :</translation>
    </message>
    <message>
      <source>What the work runs on, and what is kept on disk.</source>
      <translation>Sur quoi le travail s'exécute, et ce qui est gardé sur le disque.</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdapt</name>
    <message>
      <source> slices</source>
      <translation> coupes</translation>
    </message>
    <message>
      <source> slices missed</source>
      <translation> coupes manquées</translation>
    </message>
    <message>
      <source>+ Object</source>
      <translation>+ Objet</translation>
    </message>
    <message>
      <source>A slice counts only if its mask overlaps the mask of the slice before by at least this much (intersection over union).</source>
      <translation>Une coupe ne compte que si son masque recouvre au moins d'autant celui de la coupe précédente (intersection sur union).</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>Accepter</translation>
    </message>
    <message>
      <source>Accept slice</source>
      <translation>Accepter la coupe</translation>
    </message>
    <message>
      <source>Accept the preview, and add all slices along this view on which you have set prompts for the selected segment: those that you have corrected after a propagation. What the library has of them already is replaced.</source>
      <translation>Accepter l'aperçu, et ajouter toutes les coupes de cette vue où vous avez mis des indications pour le segment sélectionné : celles que vous avez corrigées après une propagation. Ce que la bibliothèque en a déjà est remplacé.</translation>
    </message>
    <message>
      <source>Accept the preview, and add the slice last clicked on, as it is labelled now, to the exemplar library that adapters are trained on. If the library has that slice already, the labels as they are now take the place of the earlier ones. (X)</source>
      <translation>Accepter l'aperçu, et ajouter la dernière coupe cliquée, telle qu'elle est annotée maintenant, à la bibliothèque d'exemples qui sert à entraîner les adaptateurs. Si la bibliothèque a déjà cette coupe, les labels actuels remplacent les anciens. (X)</translation>
    </message>
    <message>
      <source>Accept, and begin another object of this segment with the next prompt, also on this slice.</source>
      <translation>Accepter, et commencer un autre objet de ce segment avec la prochaine indication, aussi sur cette coupe.</translation>
    </message>
    <message>
      <source>Adapter:</source>
      <translation>Adaptateur :</translation>
    </message>
    <message>
      <source>Add prompted</source>
      <translation>Ajouter celles indiquées</translation>
    </message>
    <message>
      <source>Add slice to exemplars</source>
      <translation>Ajouter la coupe aux exemples</translation>
    </message>
    <message>
      <source>An adapter from the shelf, trained on few labelled slices. It brings its base model and its intensity mapping along.</source>
      <translation>Un adaptateur de la collection, entraîné sur peu de coupes annotées. Il apporte son modèle de base et ses niveaux de gris.</translation>
    </message>
    <message>
      <source>Auto</source>
      <translation>Auto</translation>
    </message>
    <message>
      <source>Base model. An adapter brings its own.</source>
      <translation>Modèle de base. Un adaptateur apporte le sien.</translation>
    </message>
    <message>
      <source>Base model:</source>
      <translation>Modèle de base :</translation>
    </message>
    <message>
      <source>Box</source>
      <translation>Boîte</translation>
    </message>
    <message>
      <source>Carry corrections on to the slices beside, as far as they change anything there.</source>
      <translation>Propager les corrections aux coupes voisines, tant qu'elles y changent quelque chose.</translation>
    </message>
    <message>
      <source>Carry on</source>
      <translation>Propager</translation>
    </message>
    <message>
      <source>Carry the object from slice to slice, from every slice with prompts on it.</source>
      <translation>Propager l'objet de coupe en coupe, à partir de chaque coupe avec indications.</translation>
    </message>
    <message>
      <source>Clicks mark the object. Ctrl+click marks what does not belong to it.</source>
      <translation>Les clics marquent l'objet. Ctrl+clic marque ce qui n'en fait pas partie.</translation>
    </message>
    <message>
      <source>Clicks mark what does not belong to the object.</source>
      <translation>Les clics marquent ce qui ne fait pas partie de l'objet.</translation>
    </message>
    <message>
      <source>Continue from this segment</source>
      <translation>Continuer à partir de ce segment</translation>
    </message>
    <message>
      <source>Correct</source>
      <translation>Corriger</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>Appareil :</translation>
    </message>
    <message>
      <source>Drag a box around the object. A click without a drag is a point, whatever is chosen here.</source>
      <translation>Tracer une boîte autour de l'objet. Un clic sans glisser est un point, quel que soit le choix ici.</translation>
    </message>
    <message>
      <source>Drag a line around the object; it closes itself when the button is released (L).</source>
      <translation>Tracer une ligne autour de l'objet ; elle se ferme au relâchement du bouton (L).</translation>
    </message>
    <message>
      <source>Drag a line over the object; with Ctrl, or with Background, over what does not belong to it (S).</source>
      <translation>Tracer une ligne sur l'objet ; avec Ctrl, ou avec Arrière-plan, sur ce qui n'en fait pas partie (S).</translation>
    </message>
    <message>
      <source>Drop</source>
      <translation>Rejeter</translation>
    </message>
    <message>
      <source>Drop all prompts that are not accepted; while the model goes through the volume: stop and write nothing (Escape).</source>
      <translation>Rejeter toutes les indications non acceptées ; pendant que le modèle parcourt le volume : arrêter et ne rien écrire (Échap).</translation>
    </message>
    <message>
      <source>End after:</source>
      <translation>Fin après :</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>Chercher</translation>
    </message>
    <message>
      <source>Fine-tuned on your exemplars.</source>
      <translation>Ajusté sur vos exemples.</translation>
    </message>
    <message>
      <source>Give up waiting; what goes through the volume writes what it has found so far.</source>
      <translation>Ne plus attendre ; ce qui parcourt le volume écrit ce qu'il a trouvé jusque-là.</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>Niveaux de gris :</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts, in each direction.</source>
      <translation>Combien de coupes au-delà des indications extrêmes, dans chaque sens.</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts.</source>
      <translation>Combien de coupes au-delà des indications extrêmes.</translation>
    </message>
    <message>
      <source>In both directions.</source>
      <translation>Dans les deux sens.</translation>
    </message>
    <message>
      <source>Lasso</source>
      <translation>Lasso</translation>
    </message>
    <message>
      <source>Least overlap:</source>
      <translation>Recouvrement minimal :</translation>
    </message>
    <message>
      <source>Look for what these words name on all slices, and add it to the selected segment.</source>
      <translation>Chercher sur toutes les coupes ce que désignent ces mots, et l'ajouter au segment sélectionné.</translation>
    </message>
    <message>
      <source>Mask:</source>
      <translation>Masque :</translation>
    </message>
    <message>
      <source>Mend a segment that is there already, whoever has made it.</source>
      <translation>Corriger un segment qui existe déjà, quel qu'en soit l'auteur.</translation>
    </message>
    <message>
      <source>New object</source>
      <translation>Nouvel objet</translation>
    </message>
    <message>
      <source>On: clicks, boxes and lines mend what the selected segment has on a slice, also where another tool has drawn it, and are written at once. One undo takes each back. New object ends it.</source>
      <translation>Activé : les clics, cadres et lignes corrigent ce que le segment choisi a sur une coupe, même dessiné par un autre outil, et sont écrits aussitôt. Annuler reprend chacun. Nouvel objet y met fin.</translation>
    </message>
    <message>
      <source>On: the answer is shown half-transparent, and Enter writes it. Off: each prompt is written at once, and replaces what these prompts had written before.</source>
      <translation>Activé : la réponse est affichée en semi-transparence, et Entrée l'écrit. Désactivé : chaque indication est écrite aussitôt, et remplace ce que ces indications avaient écrit avant.</translation>
    </message>
    <message>
      <source>One click may mean a part or the whole. Automatic takes the mask in which the model trusts most.</source>
      <translation>Un clic peut désigner une partie ou le tout. Automatique prend le masque auquel le modèle se fie le plus.</translation>
    </message>
    <message>
      <source>Preview before writing</source>
      <translation>Aperçu avant l'écriture</translation>
    </message>
    <message>
      <source>Propagate</source>
      <translation>Propager</translation>
    </message>
    <message>
      <source>Reach:</source>
      <translation>Portée :</translation>
    </message>
    <message>
      <source>Scribble</source>
      <translation>Trait</translation>
    </message>
    <message>
      <source>Segment the whole volume with no click: all that the adapter finds by itself. Each class is added to the segment of its name, which is made where there is none. One undo takes all of it back.</source>
      <translation>Segmenter tout le volume sans clic : tout ce que l'adaptateur trouve de lui-même. Chaque classe va dans le segment de son nom, créé s'il n'existe pas. Une seule annulation retire tout.</translation>
    </message>
    <message>
      <source>Slices</source>
      <translation>Coupes</translation>
    </message>
    <message>
      <source>Slices with prompts, and those found from them. The bar is the overlap (IoU) that the model expects; orange is worth a look. The keys [ and ] go to the previous and the next one with prompts or doubt.</source>
      <translation>Coupes avec indications, et celles trouvées à partir d'elles. La barre est le recouvrement (IoU) attendu par le modèle ; l'orange mérite un coup d'œil. Les touches [ et ] vont à la précédente et à la suivante avec indications ou doute.</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Arrêter</translation>
    </message>
    <message>
      <source>Stop rule.</source>
      <translation>Règle d'arrêt.</translation>
    </message>
    <message>
      <source>Take the last point, box or line back (Backspace).</source>
      <translation>Retirer le dernier point, boîte ou trait (Retour arrière).</translation>
    </message>
    <message>
      <source>The model is at work.</source>
      <translation>Le modèle travaille.</translation>
    </message>
    <message>
      <source>The slice last clicked on or pointed at is right as it is: nothing of SAM Adapt changes it for this segment. A padlock marks it in the views. Once more: release it. (K)</source>
      <translation>La dernière coupe cliquée ou pointée est juste telle quelle : SAM Adapt ne la change plus pour ce segment. Un cadenas la marque dans les vues. Encore une fois : la libérer. (K)</translation>
    </message>
    <message>
      <source>The way ends where so many slices in a row break a rule.</source>
      <translation>Le parcours s'arrête quand autant de coupes de suite enfreignent une règle.</translation>
    </message>
    <message>
      <source>Towards the feet (axial), the back (coronal) or the left (sagittal).</source>
      <translation>Vers les pieds (axial), l'arrière (coronal) ou la gauche (sagittal).</translation>
    </message>
    <message>
      <source>Towards the head (axial), the front (coronal) or the right (sagittal).</source>
      <translation>Vers la tête (axial), l'avant (coronal) ou la droite (sagittal).</translation>
    </message>
    <message>
      <source>Undo prompt</source>
      <translation>Annuler l'indication</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>Poids :</translation>
    </message>
    <message>
      <source>What Find looks for, in words; the segment's name where this is left empty.</source>
      <translation>Ce que cherche Chercher, en mots ; le nom du segment si ceci est laissé vide.</translation>
    </message>
    <message>
      <source>What segments. Larger models take longer for a slice that is shown for the first time.</source>
      <translation>Ce qui segmente. Les grands modèles mettent plus de temps pour une coupe affichée la première fois.</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one.</source>
      <translation>Sur quoi s'exécute le modèle. Automatique prend une carte graphique s'il y en a une.</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one. Kept for this computer.</source>
      <translation>Sur quoi s'exécute le modèle. Automatique prend une carte graphique s'il y en a une. Conservé pour cet ordinateur.</translation>
    </message>
    <message>
      <source>Which of the model's answers is taken.</source>
      <translation>Laquelle des réponses du modèle est prise.</translation>
    </message>
    <message>
      <source>Which values become black and white for the model.</source>
      <translation>Quelles valeurs deviennent noir et blanc pour le modèle.</translation>
    </message>
    <message>
      <source>Which values become black and white for the model. Choose an entry, or type window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax.</source>
      <translation>Quelles valeurs deviennent noir et blanc pour le modèle. Choisissez une entrée, ou tapez window:LEVEL/WIDTH, percentile:LOW/HIGH ou minmax.</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter.</source>
      <translation>Quels poids répondent lorsqu'il y a un adaptateur.</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter. On slices that its training held out, points, boxes, boxes with clicks and propagation were tried with the adapted and with the base weights; usually each is answered by those that were better there.</source>
      <translation>Quels poids répondent lorsqu'il y a un adaptateur. Sur des coupes mises de côté à l'entraînement, points, boîtes, boîtes avec clics et propagation ont été essayés avec les poids adaptés et avec ceux de base ; d'ordinaire répondent à chacun ceux qui y étaient meilleurs.</translation>
    </message>
    <message>
      <source>Whole volume without clicks</source>
      <translation>Tout le volume sans clic</translation>
    </message>
    <message>
      <source>Write the preview to the segment (Enter). Editable area, intensity range and overwriting are those of the Segment Editor's masking.</source>
      <translation>Écrire l'aperçu dans le segment (Entrée). La zone modifiable, la plage d'intensité et l'écrasement sont ceux du masquage du Segment Editor.</translation>
    </message>
    <message>
      <source>to the end of the volume</source>
      <translation>jusqu'au bout du volume</translation>
    </message>
    <message>
      <source>− Background</source>
      <translation>− Arrière-plan</translation>
    </message>
    <message>
      <source>▲ Up</source>
      <translation>▲ Haut</translation>
    </message>
    <message>
      <source>▼ Down</source>
      <translation>▼ Bas</translation>
    </message>
    <message>
      <source>▼▲ Both</source>
      <translation>▼▲ Les deux</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdaptLib.SegmentEditorEffect</name>
    <message>
      <source>&lt;html&gt;
&lt;p&gt;Segment by clicks, boxes and lines with a Segment Anything model, adapted to your data where an adapter is chosen.
Works in all slice views, oblique ones too.&lt;/p&gt;
&lt;ul style="margin: 0"&gt;
{shortcuts}
&lt;li&gt;&lt;b&gt;New object:&lt;/b&gt; begin another one on the same slice.
&lt;/ul&gt;
&lt;p&gt;Accepted prompts are kept with the segment; further clicks on that slice go on with them. Propagate carries the
object from all slices with prompts through the volume. What may be written is set under &lt;i&gt;Masking&lt;/i&gt;.&lt;/p&gt;
&lt;p&gt;Adapters trained for it segment the whole volume without prompts: &lt;b&gt;Auto&lt;/b&gt; everything that they know, each class
into the segment of its name; &lt;b&gt;Find&lt;/b&gt; what you name in words, into the selected segment.&lt;/p&gt;
&lt;/html&gt;</source>
      <translation>&lt;html&gt;
&lt;p&gt;Segmentez par clics, boîtes et lignes avec un modèle Segment Anything, adapté à vos données si un adaptateur est choisi.
Fonctionne dans toutes les vues de coupe, même obliques.&lt;/p&gt;
&lt;ul style="margin: 0"&gt;
{shortcuts}
&lt;li&gt;&lt;b&gt;Nouvel objet :&lt;/b&gt; en commencer un autre sur la même coupe.
&lt;/ul&gt;
&lt;p&gt;Les indications acceptées restent avec le segment ; d'autres clics sur cette coupe les poursuivent. Propager mène
l'objet de toutes les coupes avec indications à travers le volume. Ce qui peut être écrit se règle sous &lt;i&gt;Masquage&lt;/i&gt;.&lt;/p&gt;
&lt;p&gt;Les adaptateurs entraînés pour cela segmentent tout le volume sans indications : &lt;b&gt;Auto&lt;/b&gt; tout ce qu'ils connaissent, chaque classe
dans le segment de son nom ; &lt;b&gt;Chercher&lt;/b&gt; ce que vous nommez en mots, dans le segment sélectionné.&lt;/p&gt;
&lt;/html&gt;</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdaptLib.Workbench</name>
    <message>
      <source>Click again, it will be started anew</source>
      <translation>Cliquez à nouveau, il sera relancé</translation>
    </message>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>Aucun segment sélectionné. Ajoutez ou sélectionnez d'abord un segment.</translation>
    </message>
    <message>
      <source>Only along the volume's own slices: this view is oblique to them.</source>
      <translation>Seulement le long des coupes du volume : cette vue leur est oblique.</translation>
    </message>
    <message>
      <source>Prompts have to wait while the model goes through the volume. Stop ends that.</source>
      <translation>Les indications doivent attendre pendant que le modèle parcourt le volume. Arrêter y met fin.</translation>
    </message>
    <message>
      <source>Stopped. A download goes on where it was with the next click.</source>
      <translation>Arrêté. Un téléchargement reprend où il en était au prochain clic.</translation>
    </message>
    <message>
      <source>The model's process ended by itself ({last})</source>
      <translation>Le processus du modèle s'est terminé de lui-même ({last})</translation>
    </message>
  </context>
  <context>
    <name>SynthesisStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source> slices</source>
      <translation> coupes</translation>
    </message>
    <message>
      <source> °</source>
      <translation> °</translation>
    </message>
    <message>
      <source>Background moves:</source>
      <translation>Le fond bouge :</translation>
    </message>
    <message>
      <source>Blur:</source>
      <translation>Flou :</translation>
    </message>
    <message>
      <source>Brightness:</source>
      <translation>Luminosité :</translation>
    </message>
    <message>
      <source>Contrast:</source>
      <translation>Contraste :</translation>
    </message>
    <message>
      <source>Exemplars on the left, synthetic slices beside them, labels below.</source>
      <translation>Exemples à gauche, coupes synthétiques à côté, labels en dessous.</translation>
    </message>
    <message>
      <source>Gamma:</source>
      <translation>Gamma :</translation>
    </message>
    <message>
      <source>How far organs and background may be moved, bent and tinted.</source>
      <translation>Jusqu'où organes et fond peuvent être déplacés, déformés et teintés.</translation>
    </message>
    <message>
      <source>How many synthetic slices the preview shows.</source>
      <translation>Combien de coupes synthétiques montre l'aperçu.</translation>
    </message>
    <message>
      <source>Longest shift:</source>
      <translation>Décalage maximal :</translation>
    </message>
    <message>
      <source>Mirror left-right:</source>
      <translation>Miroir gauche-droite :</translation>
    </message>
    <message>
      <source>Mirror top-bottom:</source>
      <translation>Miroir haut-bas :</translation>
    </message>
    <message>
      <source>On bone:</source>
      <translation>Sur l'os :</translation>
    </message>
    <message>
      <source>Organs pasted:</source>
      <translation>Organes collés :</translation>
    </message>
    <message>
      <source>Outside the body:</source>
      <translation>Hors du corps :</translation>
    </message>
    <message>
      <source>Preview</source>
      <translation>Aperçu</translation>
    </message>
    <message>
      <source>Put all transformations back to their defaults.</source>
      <translation>Remettre toutes les transformations à leurs valeurs par défaut.</translation>
    </message>
    <message>
      <source>Reset to defaults</source>
      <translation>Rétablir les valeurs par défaut</translation>
    </message>
    <message>
      <source>Rotation:</source>
      <translation>Rotation :</translation>
    </message>
    <message>
      <source>Seed:</source>
      <translation>Graine :</translation>
    </message>
    <message>
      <source>Shift:</source>
      <translation>Décalage :</translation>
    </message>
    <message>
      <source>Show some synthetic slices beside their exemplars.</source>
      <translation>Afficher quelques coupes synthétiques à côté de leurs exemples.</translation>
    </message>
    <message>
      <source>Size:</source>
      <translation>Taille :</translation>
    </message>
    <message>
      <source>Soft seam:</source>
      <translation>Couture douce :</translation>
    </message>
    <message>
      <source>Synthetic slices:</source>
      <translation>Coupes synthétiques :</translation>
    </message>
    <message>
      <source>Transformations</source>
      <translation>Transformations</translation>
    </message>
    <message>
      <source>Whole slices:</source>
      <translation>Coupes entières :</translation>
    </message>
  </context>
  <context>
    <name>TrainingStep</name>
    <message>
      <source> min</source>
      <translation> min</translation>
    </message>
    <message>
      <source>Budget:</source>
      <translation>Budget :</translation>
    </message>
    <message>
      <source>Estimated memory of the training, and what is free.</source>
      <translation>Mémoire estimée de l'entraînement, et ce qui est libre.</translation>
    </message>
    <message>
      <source>Go on with the stopped training of this name.</source>
      <translation>Reprendre l'entraînement arrêté de ce nom.</translation>
    </message>
    <message>
      <source>Log of the training, at most a line a second.</source>
      <translation>Journal de l'entraînement, au plus une ligne par seconde.</translation>
    </message>
    <message>
      <source>Method:</source>
      <translation>Méthode :</translation>
    </message>
    <message>
      <source>Model:</source>
      <translation>Modèle :</translation>
    </message>
    <message>
      <source>Name of the new adapter</source>
      <translation>Nom du nouvel adaptateur</translation>
    </message>
    <message>
      <source>Name of the new adapter.</source>
      <translation>Nom du nouvel adaptateur.</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>Nom :</translation>
    </message>
    <message>
      <source>No training is running.</source>
      <translation>Aucun entraînement en cours.</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Graphique</translation>
    </message>
    <message>
      <source>Progress of the training.</source>
      <translation>Progression de l'entraînement.</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>Reprendre</translation>
    </message>
    <message>
      <source>Show the plot of loss and Dice.</source>
      <translation>Afficher le graphique de la perte et du Dice.</translation>
    </message>
    <message>
      <source>Start</source>
      <translation>Démarrer</translation>
    </message>
    <message>
      <source>Start the training in a process of its own; Slicer stays usable.</source>
      <translation>Lancer l'entraînement dans un processus à part ; Slicer reste utilisable.</translation>
    </message>
    <message>
      <source>State of the training.</source>
      <translation>État de l'entraînement.</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Arrêter</translation>
    </message>
    <message>
      <source>Train on synthetic slices too</source>
      <translation>Entraîner aussi sur des coupes synthétiques</translation>
    </message>
    <message>
      <source>Validation:</source>
      <translation>Validation :</translation>
    </message>
    <message>
      <source>Write a checkpoint and stop; the training can be resumed.</source>
      <translation>Écrire un point de reprise et arrêter ; l'entraînement peut être repris.</translation>
    </message>
  </context>
  <context>
    <name>VolumesStep</name>
    <message>
      <source>All classes: only with an adapter that finds objects by itself. Words: only with one that was trained with texts. Prompts: each object that was clicked or boxed with the effect SAM Adapt in a segmentation of the volume is carried through it.</source>
      <translation>Toutes les classes : seulement avec un adaptateur qui trouve les objets de lui-même. Mots : seulement avec un adaptateur entraîné avec des textes. Indications : chaque objet cliqué ou encadré avec l'effet SAM Adapt dans une segmentation du volume y est propagé.</translation>
    </message>
    <message>
      <source>Find:</source>
      <translation>Chercher :</translation>
    </message>
    <message>
      <source>Found</source>
      <translation>Trouvé</translation>
    </message>
    <message>
      <source>Make a table node of volumes in mL, mean values, slices and reasons, which Slicer saves with the scene or as .csv.</source>
      <translation>Créer un nœud de tableau avec volumes en mL, valeurs moyennes, coupes et raisons, que Slicer enregistre avec la scène ou en .csv.</translation>
    </message>
    <message>
      <source>Make a table of it</source>
      <translation>En faire un tableau</translation>
    </message>
    <message>
      <source>Objects, with commas between them; each becomes a segment.</source>
      <translation>Objets, séparés par des virgules ; chacun devient un segment.</translation>
    </message>
    <message>
      <source>Put what was found in each volume that came from the DICOM database back into it, as a DICOM segmentation beside its series. It says whose it is, as the series does.</source>
      <translation>Remettre dans la base DICOM ce qui a été trouvé dans chaque volume qui en provient, comme segmentation DICOM à côté de sa série. Elle nomme le patient, comme la série.</translation>
    </message>
    <message>
      <source>Save them as DICOM SEG</source>
      <translation>Les enregistrer en DICOM SEG</translation>
    </message>
    <message>
      <source>Segment all volumes</source>
      <translation>Segmenter tous les volumes</translation>
    </message>
    <message>
      <source>Segment one volume after the other beside the application, each into a segmentation of its own. One that fails costs no other. Stop leaves the one at hand as it is.</source>
      <translation>Segmenter les volumes l'un après l'autre à côté de l'application, chacun dans sa propre segmentation. Un échec n'en coûte aucun autre. Arrêter laisse le volume en cours tel quel.</translation>
    </message>
    <message>
      <source>State</source>
      <translation>État</translation>
    </message>
    <message>
      <source>Volume</source>
      <translation>Volume</translation>
    </message>
    <message>
      <source>Volumes that are done.</source>
      <translation>Volumes terminés.</translation>
    </message>
    <message>
      <source>Volumes:</source>
      <translation>Volumes :</translation>
    </message>
    <message>
      <source>What has become of each volume. Double-click one to see it with what was found.</source>
      <translation>Ce qu'est devenu chaque volume. Double-cliquez sur l'un pour le voir avec ce qui a été trouvé.</translation>
    </message>
    <message>
      <source>What is looked for, with the adapter that is in use (step 4).</source>
      <translation>Ce qui est cherché, avec l'adaptateur utilisé (étape 4).</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>Ce qui a été enregistré dans la base DICOM, et ce qui ne l'a pas été.</translation>
    </message>
    <message>
      <source>Which of the loaded greyscale volumes are segmented. One that is seen together with another is no scan of its own.</source>
      <translation>Lesquels des volumes chargés en niveaux de gris sont segmentés. Un volume vu avec un autre n'est pas une image à part.</translation>
    </message>
    <message>
      <source>Words:</source>
      <translation>Mots :</translation>
    </message>
    <message>
      <source>liver, left kidney</source>
      <translation>liver, left kidney</translation>
    </message>
  </context>
  <context>
    <name>app.DeviceSelector</name>
    <message>
      <source>Automatic</source>
      <translation>Automatique</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} (not found)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{title} ({name})</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>app.Downloads</name>
    <message>
      <source>Choose it again to download it, or choose another model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>The model is being fetched: {done}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The model is being fetched: {done} of {total}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The model {title} is not on this computer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The model {title} is not on this computer yet. Its weights take {size} (licence: {licence}). They are downloaded once and kept; a download that is stopped goes on where it was.

Download them now?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{count:.0f} MB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{count:.1f} GB</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>app.Installation</name>
    <message>
      <source>A package was installed but cannot be loaded ({error})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Check the network and the free space, then try again; the application log tells more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Install the PyTorch extension from the Extensions Manager and restart the application</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Install the packages before the tests</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing is installed while the application is being tested</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Packages are missing after the installation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>PyTorch for an NVIDIA graphics card takes several gigabytes instead.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Python packages are being downloaded and installed. This takes some minutes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Restart the application and try again; the application log tells more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Restart the application; where that does not help, uninstall PyTorch in the module PyTorch Utils and install it again for another computation backend, such as cpu</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>SAM Adapt needs PyTorch, which the PyTorch extension installs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>SAM Adapt needs Python packages that are not installed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>SAM Adapt needs these Python packages:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The Python packages are being installed already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The installation failed ({error})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>They are downloaded and installed into Slicer's Python. Continue?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Together they take about {total} MB on disk.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try again and agree to the installation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Wait until that is done, then try again</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>app.Messages</name>
    <message>
      <source>An unexpected error occurred: {error}

Try again. If it comes back, the application log tells more (Help, Report a Bug).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{hours} h {minutes} min</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{minutes} min {seconds} s</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{seconds} s</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>app.ModelChoice</name>
    <message>
      <source>Choose a base model or an adapter first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No model is chosen</source>
      <translation>Aucun modèle choisi</translation>
    </message>
  </context>
  <context>
    <name>app.Polling</name>
    <message>
      <source>A newer request has replaced this one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stopped on request</source>
      <translation>Arrêté à la demande</translation>
    </message>
  </context>
  <context>
    <name>app.Settings</name>
    <message>
      <source>Cannot delete the embeddings ({error})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Check the folder's permissions</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose the file with its token at This computer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The server needs a token</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>app.Weights</name>
    <message>
      <source>Always the adapter's</source>
      <translation>Toujours ceux de l'adaptateur</translation>
    </message>
    <message>
      <source>Always the base model's</source>
      <translation>Toujours ceux du modèle de base</translation>
    </message>
    <message>
      <source>Better ones for each prompt</source>
      <translation>Les meilleurs pour chaque indication</translation>
    </message>
    <message>
      <source>{text}.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.Correction</name>
    <message>
      <source>Give points inside of it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give points=[(R, A, S, 0)] where something is wrong</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No prompt was given</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Segment a slice of it first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The segment is empty: there is nothing to correct</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.DicomExport</name>
    <message>
      <source>Check the database in the module DICOM; or save it as .seg.nrrd</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose the volume as its source geometry, by the button beside the source volume in the Segment Editor</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Import its series in the module DICOM once more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Install Quantitative Reporting in the Extensions Manager and restart the application, or type slicer.util.pip_install("highdicom") in the Python console</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Load its series in the module DICOM, and segment that; or save the segmentation as .seg.nrrd</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Put both under the same one, or take it from both</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Quantitative Reporting could not save the segmentation ({told})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Saving as DICOM SEG needs the extension Quantitative Reporting, or the Python package highdicom</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The DICOM database did not take the segmentation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The DICOM database has only {there} of {total} files of the volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The application log tells more; or save it as .seg.nrrd</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The segmentation does not say on which volume it was made</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The segmentation lies under another transform than its volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The volume was not loaded from the DICOM database</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it does not take this segmentation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it wrote no file</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.Evaluation</name>
    <message>
      <source>Choose a table of an evaluation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Evaluate a segmentation first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>SAM Adapt evaluation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The table holds no figures to draw</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This table holds something else</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.ExemplarLogic</name>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library, in the place of its earlier outlines.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Slice {index} ({axis}) was in the exemplar library already, with the same outlines.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{count} slices are in the exemplar library, {replaced} of them in the place of earlier outlines.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{count} slices are in the exemplar library.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.Logic</name>
    <message>
      <source>Give segments of the same structure the same name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No segment has the name of one in the reference</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.ManyVolumes</name>
    <message>
      <source>Choose an adapter that was trained with texts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give some with the effect SAM Adapt, on one slice of each object</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Load it again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Load one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No segmentation of this volume has prompts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing was found on any slice</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The volume was removed from the scene meanwhile</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no volume to segment</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This model reads no words</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Volumes are being segmented already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Wait for them, or stop it first</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.NextSliceLogic</name>
    <message>
      <source>Cannot hand the voxels on ({error})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Load one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make room on the disk</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no volume to choose slices of</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.SegmentingLogic</name>
    <message>
      <source>Give one, or up to three</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Aucun volume choisi</translation>
    </message>
  </context>
  <context>
    <name>console.SliceSegmentation</name>
    <message>
      <source>Choose one of {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>For the adapter's own, activate it with weights='adapted'</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give one box for one object</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give points inside of it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give points=[(R, A, S, 1)] or box=((R, A, S), (R, A, S))</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No prompt was given</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Segment one slice first, or choose the axis of the prompts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The segment is on no {axis} slice yet</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try a box in place of points, a second prompt on a nearby slice, or an adapter</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Two of the prompts give a box</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unknown direction</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name}: propagation ended at once: {reason}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.TimeLogic</name>
    <message>
      <source>Frame</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Volume (mL)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} over time</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.TrainingRuns</name>
    <message>
      <source>A training is running already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Add some slices in step 1 first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name it in the Python console: fineTune(name=..., library=..., resume=True)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No stopped training has this name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Start it, or give the name of a stopped one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The library holds no labelled exemplar</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The run does not say which library it was started with</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Wait for it, or stop it first</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>console.VolumeTable</name>
    <message>
      <source>SAM Adapt volumes</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>edit.Correction</name>
    <message>
      <source>A correction along other slices is under way</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Add or select a segment first</source>
      <translation>Ajoutez ou choisissez d'abord un segment</translation>
    </message>
    <message>
      <source>Click on what is missing, Ctrl+click on what is too much; a box says what all of it is on its slice.</source>
      <translation>Cliquez sur ce qui manque, Ctrl+clic sur ce qui est en trop ; un cadre dit tout ce qui en est sur sa coupe.</translation>
    </message>
    <message>
      <source>Draw it on a slice first, with any tool or by prompts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No segment is selected</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing changes: the model agrees with what is there. Click where it is wrong, or draw a box.</source>
      <translation>Rien ne change : le modèle est d'accord avec ce qui est là. Cliquez là où c'est faux, ou tracez un cadre.</translation>
    </message>
    <message>
      <source>Slice {index} changed.</source>
      <translation>Coupe {index} modifiée.</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to continue from</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>Attendez la fin, ou arrêtez d'abord</translation>
    </message>
    <message>
      <source>{count} slices changed, {first} to {last}.</source>
      <translation>{count} coupes modifiées, {first} à {last}.</translation>
    </message>
  </context>
  <context>
    <name>edit.Draft</name>
    <message>
      <source>Mask {shown} of {count} is shown, expected IoU {iou}. Keys 1 to {count}: small to large.</source>
      <translation>Masque {shown} sur {count} affiché, IoU attendu {iou}. Touches 1 à {count} : du petit au grand.</translation>
    </message>
  </context>
  <context>
    <name>edit.EffectController</name>
    <message>
      <source>Grown from the point, since this model knows boxes only: check it, or draw a box.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>That lies outside the volume. Draw it on the image.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>That place lies outside the volume. Click on the image.</source>
      <translation>Cet endroit est hors du volume. Cliquez sur l'image.</translation>
    </message>
    <message>
      <source>The model finds nothing there. Add a point inside the object or draw a box around it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This model was not trained on points, and nothing stands out here: draw a box.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This slice is accepted. Release it first, with Accept slice or the key K.</source>
      <translation>Cette coupe est acceptée. Libérez-la d'abord, avec Accepter la coupe ou la touche K.</translation>
    </message>
  </context>
  <context>
    <name>edit.Exemplars</name>
    <message>
      <source>A correction is under way, and the slice may change yet</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Click on a slice in a standard orientation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Correct some by clicks first, or add the slice shown</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exemplars are whole slices of the volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No slice along this view has prompts of the selected segment</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>Attendez la fin, ou arrêtez d'abord</translation>
    </message>
  </context>
  <context>
    <name>edit.ModelUse</name>
    <message>
      <source>Python packages have to be installed first. Click into a slice view to install them.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The model {title} ({size}) is not on this computer yet. Click into a slice view to download it.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>edit.NextFrame</name>
    <message>
      <source>Accept or drop them first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose one segmentation per frame first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Click on the object first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go to a slice on which it is</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go to an earlier one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No slice of the volume is chosen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The segment is not on this slice</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The segmentation is the same for all frames</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There are prompts that are not accepted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This is the last frame</source>
      <translation>C'est la dernière image</translation>
    </message>
  </context>
  <context>
    <name>edit.Propagation</name>
    <message>
      <source>Choose a standard orientation, or rotate the view to the volume plane</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Click on the object first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No slice is chosen</source>
      <translation>Aucune coupe choisie</translation>
    </message>
    <message>
      <source>Nothing was found on the slices beside the prompts. Loosen the stop rules or add prompts.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Propagation ended at once: {reason}. Try a box in place of points, a second prompt on a nearby slice, or looser stop rules.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Propagation goes along the volume's own slices, and this view is oblique to them</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set a prompt on this slice, or go to a slice on which the segment is drawn</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Slice {index} written.</source>
      <translation>Coupe {index} écrite.</translation>
    </message>
    <message>
      <source>There is nothing to carry on from</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{count} slices written, {first} to {last}.</source>
      <translation>{count} coupes écrites, de {first} à {last}.</translation>
    </message>
  </context>
  <context>
    <name>edit.Reporting</name>
    <message>
      <source>Nothing was written: masking excludes this place, or the segmentation's geometry ends before it. Change the editable area, the intensity range or the geometry.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>edit.VolumeSegmentation</name>
    <message>
      <source>Found: {list}.</source>
      <translation>Trouvé : {list}.</translation>
    </message>
    <message>
      <source>Nothing was found on any slice.</source>
      <translation>Rien n'a été trouvé sur aucune coupe.</translation>
    </message>
    <message>
      <source>{name} on {count} slices</source>
      <translation>{name} sur {count} coupes</translation>
    </message>
  </context>
  <context>
    <name>panel.AdapterStep</name>
    <message>
      <source>Adapter (*.zip)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Delete the adapter {name} from this computer? This cannot be undone.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dice on held-out slices:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export adapter</source>
      <translation>Exporter l'adaptateur</translation>
    </message>
    <message>
      <source>Import adapter</source>
      <translation>Importer l'adaptateur</translation>
    </message>
    <message>
      <source>In use: no adapter, base model {model}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In use: {name} on {model}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name:</source>
      <translation>Nom :</translation>
    </message>
    <message>
      <source>No reference is selected</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rename adapter</source>
      <translation>Renommer l'adaptateur</translation>
    </message>
    <message>
      <source>Select another segmentation at the top or as the reference</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Select the segmentation that counts as right</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The adapter is in use: a model is still being loaded</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The segmentation would be compared with itself</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try again once it is loaded</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Waiting until {name} is free</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>adapted {dice}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>base {dice}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>damaged</source>
      <translation>endommagé</translation>
    </message>
    <message>
      <source>halfway {dice}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the adapter answers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the base weights answer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the weights halfway answer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{method} on {base}, {steps} steps, {axis} slices, grey levels {intensity}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>panel.ComputerStep</name>
    <message>
      <source>Prompts go to {server}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The devices could not be listed: {error}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>panel.DicomSaving</name>
    <message>
      <source>No volume has a segmentation to save</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Saved in the DICOM database: {count}</source>
      <translation>Enregistrées dans la base DICOM : {count}</translation>
    </message>
    <message>
      <source>Segment the volumes first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stop</source>
      <translation>Arrêter</translation>
    </message>
  </context>
  <context>
    <name>panel.ExemplarStep</name>
    <message>
      <source>; {count} backgrounds</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose that orientation in a slice view, and rotate the view to the volume plane</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Delete {count} exemplars from the library folder? This cannot be undone.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No slice of the volume has a label</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No view shows {axis} slices of the volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Paint in a segment first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Slice {index}</source>
      <translation>Coupe {index}</translation>
    </message>
    <message>
      <source>The library is empty. Add a labelled slice to start it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>background</source>
      <translation>arrière-plan</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>endommagé</translation>
    </message>
    <message>
      <source>none</source>
      <translation>aucun</translation>
    </message>
    <message>
      <source>{count} exemplars: {classes}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>panel.NextSlices</name>
    <message>
      <source>All of its kind</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ask for other slices</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Click to show this slice in the slice views.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This one only</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number}. {volume}, {axis} slice {index}: {reason}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>panel.Published</name>
    <message>
      <source>As is said there, and checked when it is fetched: {said}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Browse</source>
      <translation>Parcourir</translation>
    </message>
    <message>
      <source>Browse a place, and select one of its adapters</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Licence: {licence}</source>
      <translation>Licence : {licence}</translation>
    </message>
    <message>
      <source>No adapter is selected</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No place is given</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing is published there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Published adapters</source>
      <translation>Adaptateurs publiés</translation>
    </message>
    <message>
      <source>Type an address that begins with https://, or a folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{method} on {base}, {size}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is being fetched.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is on this computer now.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>panel.SignedText</name>
    <message>
      <source>Not signed.</source>
      <translation>Non signé.</translation>
    </message>
    <message>
      <source>Signed by a key that you have not said to trust: {fingerprint}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Signed by {signer} (key {fingerprint}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Signed, but not checked: the Python package cryptography is not installed.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>panel.Step</name>
    <message>
      <source>Open the module SAM Adapt again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The panel shows no scene now</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>panel.Studies</name>
    <message>
      <source>Cell {number} of {count}: {row}. About {left} left.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a new one, or that of an earlier study</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a preset or a file (TOML)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a table (CSV) with the columns image, labels, patient, split</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No description is chosen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No output folder is chosen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No scans are chosen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No web browser opens the report</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not finished. The next run goes on where this one was.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open this file in one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The description is being read.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The scans are being read.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The scans are being read: {doing}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The study is done: {count} cells.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a description of your own</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{failed} of {count} cells failed, the first: {error}. The next run tries them again.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>panel.TaskButton</name>
    <message>
      <source>Stop</source>
      <translation>Arrêter</translation>
    </message>
    <message>
      <source>Stopping</source>
      <translation>Arrêt en cours</translation>
    </message>
  </context>
  <context>
    <name>panel.TrainingPlot</name>
    <message>
      <source>Dice, held out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dice, training</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Loss</source>
      <translation>Perte</translation>
    </message>
    <message>
      <source>Loss, Dice</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Step</source>
      <translation>Étape</translation>
    </message>
    <message>
      <source>{name} validation</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>panel.TrainingStep</name>
    <message>
      <source>Automatic</source>
      <translation>Automatique</translation>
    </message>
    <message>
      <source>Done: the adapter {name} is ready in step 4.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Each patient in turn</source>
      <translation>Chaque patient à son tour</translation>
    </message>
    <message>
      <source>Estimating the memory ...</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Memory: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>None</source>
      <translation>Aucun</translation>
    </message>
    <message>
      <source>Resumed {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Started {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Starting; the model is being loaded.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Step {step} of {steps}: loss {loss:.3f}, Dice {dice:.3f}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Step {step}: Dice {dice:.3f} on held-out slices</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stopped before the first checkpoint.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stopped. Resume goes on from here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stopping; a checkpoint is being written.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The adapter has no name yet</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The download was stopped. What has come is kept; Start goes on with it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Training of {name}</source>
      <translation>Entraînement de {name}</translation>
    </message>
    <message>
      <source>Type a name for it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{percent} % of the patients</source>
      <translation>{percent} % des patients</translation>
    </message>
    <message>
      <source>{text}, {left} left</source>
      <translation>{text}, reste {left}</translation>
    </message>
  </context>
  <context>
    <name>panel.VolumesStep</name>
    <message>
      <source>All that are loaded</source>
      <translation>Tous ceux qui sont chargés</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stop</source>
      <translation>Arrêter</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There are no words to look for</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Those of the kind of the volume above</source>
      <translation>Ceux du même type que le volume ci-dessus</translation>
    </message>
    <message>
      <source>Type some, such as: liver, left kidney</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>all classes of the adapter</source>
      <translation>toutes les classes de l'adaptateur</translation>
    </message>
    <message>
      <source>done</source>
      <translation>terminé</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>échec</translation>
    </message>
    <message>
      <source>running</source>
      <translation>en cours</translation>
    </message>
    <message>
      <source>stopped</source>
      <translation>arrêté</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>en attente</translation>
    </message>
    <message>
      <source>what has prompts</source>
      <translation>ce qui a des indications</translation>
    </message>
    <message>
      <source>what these words name</source>
      <translation>ce que ces mots désignent</translation>
    </message>
  </context>
  <context>
    <name>scene.AcceptedSlices</name>
    <message>
      <source>A transform that bends slices lies between volume and segmentation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Harden it first, or put both under the same transform</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No such segment</source>
      <translation>Segment inexistant</translation>
    </message>
  </context>
  <context>
    <name>scene.ChannelChoice</name>
    <message>
      <source>Seen with:</source>
      <translation>Vu avec :</translation>
    </message>
  </context>
  <context>
    <name>scene.Channels</name>
    <message>
      <source>Choose another one, or none</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose {count} at most</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give one, or up to {count}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Aucun volume choisi</translation>
    </message>
    <message>
      <source>This volume would be seen twice</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{count} volumes together</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>scene.FindPlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>scene.ObliquePlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>scene.Plane</name>
    <message>
      <source>Choose one of 0 to {last}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no {axis} slice {index}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>scene.SceneSegments</name>
    <message>
      <source>Add a segment</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Add a segment and paint in it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose one of those present: {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No segmentation is selected</source>
      <translation>Aucune segmentation n'est choisie</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>Segment inexistant</translation>
    </message>
    <message>
      <source>Select or create a segmentation of the volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The segmentation has no segment</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>scene.SceneVolume</name>
    <message>
      <source>A picture in colour fills the channels by itself</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A transform bends {further} beside {first}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Adjust window and level of the volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Allow it to be resampled, or choose another volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a greyscale 3D volume; extract one component or time point where needed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a greyscale volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose no other beside it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Harden the transform, or put both volumes below it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Load an image and choose it as the source volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Load it again or choose another one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Load it without transparency</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Aucun volume choisi</translation>
    </message>
    <message>
      <source>Parts of the picture are transparent</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rename one of them</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show it, or give the intensity range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The volume has {count} values in each voxel (vectors or a series)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The volume holds no image</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The volume is not displayed in grey levels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This is not a volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Two segments are named {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{further} lies on another grid than {first}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>scene.SegmentGrid</name>
    <message>
      <source>Choose one of its segments</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No such segment</source>
      <translation>Segment inexistant</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentPrompts</name>
    <message>
      <source>A point or box lies beside the image</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No such segment</source>
      <translation>Segment inexistant</translation>
    </message>
    <message>
      <source>Point at the part that the image shows</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>scene.SegmentWriter</name>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Convert it to a binary labelmap</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No such segment</source>
      <translation>Segment inexistant</translation>
    </message>
    <message>
      <source>The segment cannot be edited</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>scene.Sequences</name>
    <message>
      <source>Load images over time as a sequence, and choose its volume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stop it at the frame with the prompts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The sequence shows no frame, or is playing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The volume is not one of a sequence</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>view.CorrectionControls</name>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>Aucun segment sélectionné. Ajoutez ou sélectionnez d'abord un segment.</translation>
    </message>
    <message>
      <source>Slice {index} is accepted: nothing of SAM Adapt changes it.</source>
      <translation>La coupe {index} est acceptée : SAM Adapt ne la change plus.</translation>
    </message>
    <message>
      <source>Slice {index} is released.</source>
      <translation>La coupe {index} est libérée.</translation>
    </message>
    <message>
      <source>Slices can be accepted once the correction has ended. Stop ends it.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>view.EffectOptions</name>
    <message>
      <source>As displayed</source>
      <translation>Comme affiché</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automatique</translation>
    </message>
    <message>
      <source>CT bone (400/1800)</source>
      <translation>TDM os (400/1800)</translation>
    </message>
    <message>
      <source>CT lung (-600/1500)</source>
      <translation>TDM poumon (-600/1500)</translation>
    </message>
    <message>
      <source>CT soft tissue (40/400)</source>
      <translation>TDM tissus mous (40/400)</translation>
    </message>
    <message>
      <source>Details: {details}</source>
      <translation>Détails : {details}</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Le plus grand</translation>
    </message>
    <message>
      <source>Middle</source>
      <translation>Moyen</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Aucun</translation>
    </message>
    <message>
      <source>Only with an adapter that finds objects by itself (method sammix, or lora with head=classes).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Only with an adapter that was trained with texts (method msa with a text model).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Percentiles (0.5/99.5)</source>
      <translation>Percentiles (0.5/99.5)</translation>
    </message>
    <message>
      <source>Smallest</source>
      <translation>Le plus petit</translation>
    </message>
    <message>
      <source>The model is not loaded yet.</source>
      <translation>Le modèle n'est pas encore chargé.</translation>
    </message>
  </context>
  <context>
    <name>view.FrameChoice</name>
    <message>
      <source>Each frame has a segmentation of its own now. What is drawn stays with the frame that is shown.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One segmentation per frame</source>
      <translation>Une segmentation par image</translation>
    </message>
    <message>
      <source>Shows the next frame and prompts it with the segment's box on this slice, widened as along time; accept the answer, or mend it, and go on.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The volume is a frame of a sequence, and the segmentation is the same for all of them. Afterwards each frame has its own, with its prompts: what there is now stays with this frame, and the others begin with empty segments.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the next frame</source>
      <translation>Vers l'image suivante</translation>
    </message>
  </context>
  <context>
    <name>view.Shortcuts</name>
    <message>
      <source>1 to 3</source>
      <translation>1 à 3</translation>
    </message>
    <message>
      <source>Backspace</source>
      <translation>Retour arrière</translation>
    </message>
    <message>
      <source>Ctrl + drag</source>
      <translation>Ctrl + glisser</translation>
    </message>
    <message>
      <source>Ctrl + left-click</source>
      <translation>Ctrl + clic gauche</translation>
    </message>
    <message>
      <source>Enter</source>
      <translation>Entrée</translation>
    </message>
    <message>
      <source>Escape</source>
      <translation>Échap</translation>
    </message>
    <message>
      <source>Left-button drag</source>
      <translation>Glisser à gauche</translation>
    </message>
    <message>
      <source>Left-click</source>
      <translation>Clic gauche</translation>
    </message>
    <message>
      <source>Left-click where it was carried to</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a box around the object; with Scribble a line over it, with Lasso a line around it that closes itself</source>
      <translation>une boîte autour de l'objet ; avec Trait une ligne dessus, avec Lasso une ligne autour qui se ferme</translation>
    </message>
    <message>
      <source>a point on the object</source>
      <translation>un point sur l'objet</translation>
    </message>
    <message>
      <source>a point that does not belong to it; so does the button Background</source>
      <translation>un point qui n'en fait pas partie ; de même avec le bouton Arrière-plan</translation>
    </message>
    <message>
      <source>accept the preview</source>
      <translation>accepte l'aperçu</translation>
    </message>
    <message>
      <source>accept the preview and add the slice to the exemplars, also in the place of its earlier labels</source>
      <translation>accepte l'aperçu et ajoute la coupe aux exemples, aussi à la place de ses anciens labels</translation>
    </message>
    <message>
      <source>accept this slice as it is, so that no correction changes it; once more: release it</source>
      <translation>accepte cette coupe telle quelle, aucune correction ne la change plus ; encore une fois : la libère</translation>
    </message>
    <message>
      <source>as long as it is held: show what a click at the mouse would give; nothing of it is kept</source>
      <translation>tant qu'elle est tenue : montre ce que donnerait un clic à la souris ; rien n'est gardé</translation>
    </message>
    <message>
      <source>drags are scribbles, lassos; once more: boxes again</source>
      <translation>glisser trace des traits, des lassos ; encore : de nouveau des boîtes</translation>
    </message>
    <message>
      <source>drop the preview</source>
      <translation>rejette l'aperçu</translation>
    </message>
    <message>
      <source>mends the segment there, and on the slices beside as far as that changes them</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>of the masks that one click may mean, the smallest to the largest; 0: the one trusted most</source>
      <translation>des masques qu'un clic peut désigner, du plus petit au plus grand ; 0 : le plus sûr</translation>
    </message>
    <message>
      <source>show this list</source>
      <translation>affiche cette liste</translation>
    </message>
    <message>
      <source>take the last point, box or line back</source>
      <translation>retire le dernier point, boîte ou trait</translation>
    </message>
    <message>
      <source>the previous, the next slice of this view that has prompts, or of which the model was not sure</source>
      <translation>la coupe précédente, suivante de cette vue avec indications, ou dont le modèle n'était pas sûr</translation>
    </message>
    <message>
      <source>with Scribble: a line over what does not belong to the object</source>
      <translation>avec Trait : une ligne sur ce qui n'est pas l'objet</translation>
    </message>
  </context>
  <context>
    <name>view.SliceTour</name>
    <message>
      <source>Axial</source>
      <translation>Axial</translation>
    </message>
    <message>
      <source>Click to show this slice. The bar is the overlap (IoU) that the model expects.</source>
      <translation>Cliquez pour afficher cette coupe. La barre est le recouvrement (IoU) attendu par le modèle.</translation>
    </message>
    <message>
      <source>Coronal</source>
      <translation>Coronal</translation>
    </message>
    <message>
      <source>No further slice with prompts or doubt this way.</source>
      <translation>Plus de coupe avec indications ou doute dans ce sens.</translation>
    </message>
    <message>
      <source>Sagittal</source>
      <translation>Sagittal</translation>
    </message>
    <message>
      <source>This view is oblique to the volume's own slices.</source>
      <translation>Cette vue est oblique par rapport aux coupes du volume.</translation>
    </message>
    <message>
      <source>accepted</source>
      <translation>acceptée</translation>
    </message>
    <message>
      <source>nothing kept</source>
      <translation>rien gardé</translation>
    </message>
    <message>
      <source>prompts</source>
      <translation>indications</translation>
    </message>
  </context>
  <context>
    <name>worker.InferenceSession</name>
    <message>
      <source>Choose a volume first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exit code {code}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Aucun volume choisi</translation>
    </message>
  </context>
  <context>
    <name>worker.TrainingSession</name>
    <message>
      <source>checking on the held-out patients</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>final check, and writing the result</source>
      <translation>vérification finale et écriture du résultat</translation>
    </message>
    <message>
      <source>loading the base model</source>
      <translation>chargement du modèle de base</translation>
    </message>
    <message>
      <source>reading the exemplars</source>
      <translation>lecture des exemples</translation>
    </message>
    <message>
      <source>reading the images</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>short trainings without one patient each, to compare on that one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>trying the first steps</source>
      <translation>essai des premiers pas</translation>
    </message>
  </context>
</TS>
