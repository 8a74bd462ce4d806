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
      <translation>Signatures fiables seulement</translation>
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
      <translation>L'adaptateur qu'utilisent l'effet de l'Éditeur de segments et la console.</translation>
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
      <translation>Effacer après :</translation>
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
      <translation>Facultatif, haché</translation>
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
      <translation>bibliothèque : comme les exemples déjà présents, ou choisi d'après les valeurs des voxels pour le premier. comme affiché : la fenêtre et le niveau des vues de coupe.</translation>
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
      <translation>Adapte des modèles Segment Anything à votre anatomie avec une poignée de coupes annotées, sur cet ordinateur. Les indications se donnent avec l'effet SAM Adapt de l'Éditeur de segments.</translation>
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
      <translation>Coupes indiquées</translation>
    </message>
    <message>
      <source>Add slice to exemplars</source>
      <translation>Coupe aux exemples</translation>
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
      <source>By the model's memory</source>
      <translation>Mémoire du modèle</translation>
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
      <translation>Continuer ce segment</translation>
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
      <translation>Recouvrement :</translation>
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
      <translation>Activé : les clics, boîtes et lignes corrigent ce que le segment choisi a sur une coupe, même dessiné par un autre outil, et sont écrits aussitôt. Annuler reprend chacun. Nouvel objet y met fin.</translation>
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
      <translation>Défaire</translation>
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
      <source>What the model remembers of other slices carries the object, as through a video, and not the mask of the slice before. The rules hold as well.</source>
      <translation>Ce que le modèle retient d'autres coupes propage l'objet, comme à travers une vidéo, et non le masque de la coupe précédente. Les règles valent aussi.</translation>
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
      <translation>Écrire l'aperçu dans le segment (Entrée). La zone modifiable, la plage d'intensité et l'écrasement sont ceux du masquage de l'Éditeur de segments.</translation>
    </message>
    <message>
      <source>to the end of the volume</source>
      <translation>jusqu'au bout</translation>
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
      <translation>Processeur (CPU)</translation>
    </message>
    <message>
      <source>{name} (not found)</source>
      <translation>{name} (introuvable)</translation>
    </message>
    <message>
      <source>{title} ({name})</source>
      <translation>{title} ({name})</translation>
    </message>
  </context>
  <context>
    <name>app.Downloads</name>
    <message>
      <source>Choose it again to download it, or choose another model</source>
      <translation>Choisissez-le à nouveau pour le télécharger, ou choisissez un autre modèle</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>The model is being fetched: {done}</source>
      <translation>Récupération du modèle : {done}</translation>
    </message>
    <message>
      <source>The model is being fetched: {done} of {total}</source>
      <translation>Récupération du modèle : {done} sur {total}</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer</source>
      <translation>Le modèle {title} n'est pas sur cet ordinateur</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer yet. Its weights take {size} (licence: {licence}). They are downloaded once and kept; a download that is stopped goes on where it was.

Download them now?</source>
      <translation>Le modèle {title} n'est pas encore sur cet ordinateur. Ses poids occupent {size} (licence : {licence}). Ils sont téléchargés une fois et conservés ; un téléchargement arrêté reprend où il en était.

Les télécharger maintenant ?</translation>
    </message>
    <message>
      <source>{count:.0f} MB</source>
      <translation>{count:.0f} Mo</translation>
    </message>
    <message>
      <source>{count:.1f} GB</source>
      <translation>{count:.1f} Go</translation>
    </message>
  </context>
  <context>
    <name>app.Installation</name>
    <message>
      <source>A package was installed but cannot be loaded ({error})</source>
      <translation>Un paquet a été installé mais ne peut pas être chargé ({error})</translation>
    </message>
    <message>
      <source>Check the network and the free space, then try again; the application log tells more</source>
      <translation>Vérifiez le réseau et l'espace libre, puis réessayez ; le journal de l'application en dit plus</translation>
    </message>
    <message>
      <source>Install the PyTorch extension from the Extensions Manager and restart the application</source>
      <translation>Installez l'extension PyTorch depuis le gestionnaire d'extensions et redémarrez l'application</translation>
    </message>
    <message>
      <source>Install the packages before the tests</source>
      <translation>Installez les paquets avant les tests</translation>
    </message>
    <message>
      <source>Nothing is installed while the application is being tested</source>
      <translation>Rien n'est installé pendant que l'application est testée</translation>
    </message>
    <message>
      <source>Packages are missing after the installation</source>
      <translation>Des paquets manquent après l'installation</translation>
    </message>
    <message>
      <source>PyTorch for an NVIDIA graphics card takes several gigabytes instead.</source>
      <translation>PyTorch pour une carte graphique NVIDIA occupe plutôt plusieurs gigaoctets.</translation>
    </message>
    <message>
      <source>Python packages are being downloaded and installed. This takes some minutes.</source>
      <translation>Des paquets Python sont téléchargés et installés. Cela prend quelques minutes.</translation>
    </message>
    <message>
      <source>Restart the application and try again; the application log tells more</source>
      <translation>Redémarrez l'application et réessayez ; le journal de l'application en dit plus</translation>
    </message>
    <message>
      <source>Restart the application; where that does not help, uninstall PyTorch in the module PyTorch Utils and install it again for another computation backend, such as cpu</source>
      <translation>Redémarrez l'application ; si cela ne suffit pas, désinstallez PyTorch dans le module PyTorch Utils et réinstallez-le pour un autre moteur de calcul, par exemple cpu</translation>
    </message>
    <message>
      <source>SAM Adapt needs PyTorch, which the PyTorch extension installs</source>
      <translation>SAM Adapt a besoin de PyTorch, que l'extension PyTorch installe</translation>
    </message>
    <message>
      <source>SAM Adapt needs Python packages that are not installed</source>
      <translation>SAM Adapt a besoin de paquets Python qui ne sont pas installés</translation>
    </message>
    <message>
      <source>SAM Adapt needs these Python packages:</source>
      <translation>SAM Adapt a besoin de ces paquets Python :</translation>
    </message>
    <message>
      <source>The Python packages are being installed already</source>
      <translation>Les paquets Python sont déjà en cours d'installation</translation>
    </message>
    <message>
      <source>The installation failed ({error})</source>
      <translation>L'installation a échoué ({error})</translation>
    </message>
    <message>
      <source>They are downloaded and installed into Slicer's Python. Continue?</source>
      <translation>Ils sont téléchargés et installés dans le Python de Slicer. Continuer ?</translation>
    </message>
    <message>
      <source>Together they take about {total} MB on disk.</source>
      <translation>Ensemble, ils occupent environ {total} Mo sur le disque.</translation>
    </message>
    <message>
      <source>Try again and agree to the installation</source>
      <translation>Réessayez et acceptez l'installation</translation>
    </message>
    <message>
      <source>Wait until that is done, then try again</source>
      <translation>Attendez que ce soit terminé, puis réessayez</translation>
    </message>
  </context>
  <context>
    <name>app.Messages</name>
    <message>
      <source>An unexpected error occurred: {error}

Try again. If it comes back, the application log tells more (Help, Report a Bug).</source>
      <translation>Une erreur inattendue s'est produite : {error}

Réessayez. Si elle revient, le journal de l'application en dit plus (Aide, Signaler un bogue).</translation>
    </message>
    <message>
      <source>{hours} h {minutes} min</source>
      <translation>{hours} h {minutes} min</translation>
    </message>
    <message>
      <source>{minutes} min {seconds} s</source>
      <translation>{minutes} min {seconds} s</translation>
    </message>
    <message>
      <source>{seconds} s</source>
      <translation>{seconds} s</translation>
    </message>
  </context>
  <context>
    <name>app.ModelChoice</name>
    <message>
      <source>Choose a base model or an adapter first</source>
      <translation>Choisissez d'abord un modèle de base ou un adaptateur</translation>
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
      <translation>Une demande plus récente a remplacé celle-ci</translation>
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
      <translation>Impossible de supprimer les plongements ({error})</translation>
    </message>
    <message>
      <source>Check the folder's permissions</source>
      <translation>Vérifiez les droits d'accès du dossier</translation>
    </message>
    <message>
      <source>Choose the file with its token at This computer</source>
      <translation>Choisissez le fichier de son jeton sous Cet ordinateur</translation>
    </message>
    <message>
      <source>The server needs a token</source>
      <translation>Le serveur demande un jeton</translation>
    </message>
  </context>
  <context>
    <name>app.Titles</name>
    <message>
      <source>axial</source>
      <translation>axial</translation>
    </message>
    <message>
      <source>coronal</source>
      <translation>coronal</translation>
    </message>
    <message>
      <source>displayed</source>
      <translation>comme affiché</translation>
    </message>
    <message>
      <source>library</source>
      <translation>bibliothèque</translation>
    </message>
    <message>
      <source>sagittal</source>
      <translation>sagittal</translation>
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
      <translation>Les meilleurs par indication</translation>
    </message>
    <message>
      <source>{text}.</source>
      <translation>{text}.</translation>
    </message>
  </context>
  <context>
    <name>console.Correction</name>
    <message>
      <source>Give points inside of it</source>
      <translation>Donnez des points à l'intérieur</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 0)] where something is wrong</source>
      <translation>Donnez points=[(R, A, S, 0)] là où quelque chose est faux</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>Aucune indication n'a été donnée</translation>
    </message>
    <message>
      <source>Segment a slice of it first</source>
      <translation>Segmentez-en d'abord une coupe</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>L'indication est hors du volume</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to correct</source>
      <translation>Le segment est vide : il n'y a rien à corriger</translation>
    </message>
  </context>
  <context>
    <name>console.DicomExport</name>
    <message>
      <source>Check the database in the module DICOM; or save it as .seg.nrrd</source>
      <translation>Vérifiez la base de données dans le module DICOM ; ou enregistrez en .seg.nrrd</translation>
    </message>
    <message>
      <source>Choose the volume as its source geometry, by the button beside the source volume in the Segment Editor</source>
      <translation>Choisissez le volume comme géométrie source, avec le bouton à côté du volume source dans l'Éditeur de segments</translation>
    </message>
    <message>
      <source>Import its series in the module DICOM once more</source>
      <translation>Importez encore une fois sa série dans le module DICOM</translation>
    </message>
    <message>
      <source>Install Quantitative Reporting in the Extensions Manager and restart the application, or type slicer.util.pip_install("highdicom") in the Python console</source>
      <translation>Installez Quantitative Reporting dans le gestionnaire d'extensions et redémarrez l'application, ou tapez slicer.util.pip_install("highdicom") dans la console Python</translation>
    </message>
    <message>
      <source>Load its series in the module DICOM, and segment that; or save the segmentation as .seg.nrrd</source>
      <translation>Chargez sa série dans le module DICOM et segmentez-la ; ou enregistrez la segmentation en .seg.nrrd</translation>
    </message>
    <message>
      <source>Put both under the same one, or take it from both</source>
      <translation>Mettez les deux sous la même, ou retirez-la des deux</translation>
    </message>
    <message>
      <source>Quantitative Reporting could not save the segmentation ({told})</source>
      <translation>Quantitative Reporting n'a pas pu enregistrer la segmentation ({told})</translation>
    </message>
    <message>
      <source>Saving as DICOM SEG needs the extension Quantitative Reporting, or the Python package highdicom</source>
      <translation>L'enregistrement en DICOM SEG demande l'extension Quantitative Reporting, ou le paquet Python highdicom</translation>
    </message>
    <message>
      <source>The DICOM database did not take the segmentation</source>
      <translation>La base de données DICOM n'a pas pris la segmentation</translation>
    </message>
    <message>
      <source>The DICOM database has only {there} of {total} files of the volume</source>
      <translation>La base de données DICOM n'a que {there} des {total} fichiers du volume</translation>
    </message>
    <message>
      <source>The application log tells more; or save it as .seg.nrrd</source>
      <translation>Le journal de l'application en dit plus ; ou enregistrez en .seg.nrrd</translation>
    </message>
    <message>
      <source>The segmentation does not say on which volume it was made</source>
      <translation>La segmentation ne dit pas sur quel volume elle a été faite</translation>
    </message>
    <message>
      <source>The segmentation lies under another transform than its volume</source>
      <translation>La segmentation est sous une autre transformation que son volume</translation>
    </message>
    <message>
      <source>The volume was not loaded from the DICOM database</source>
      <translation>Le volume n'a pas été chargé depuis la base de données DICOM</translation>
    </message>
    <message>
      <source>it does not take this segmentation</source>
      <translation>il ne prend pas cette segmentation</translation>
    </message>
    <message>
      <source>it wrote no file</source>
      <translation>il n'a écrit aucun fichier</translation>
    </message>
  </context>
  <context>
    <name>console.Evaluation</name>
    <message>
      <source>Choose a table of an evaluation</source>
      <translation>Choisissez le tableau d'une évaluation</translation>
    </message>
    <message>
      <source>Evaluate a segmentation first</source>
      <translation>Évaluez d'abord une segmentation</translation>
    </message>
    <message>
      <source>SAM Adapt evaluation</source>
      <translation>Évaluation SAM Adapt</translation>
    </message>
    <message>
      <source>The table holds no figures to draw</source>
      <translation>Le tableau ne contient aucun chiffre à tracer</translation>
    </message>
    <message>
      <source>This table holds something else</source>
      <translation>Ce tableau contient autre chose</translation>
    </message>
  </context>
  <context>
    <name>console.ExemplarLogic</name>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library, in the place of its earlier outlines.</source>
      <translation>La coupe {index} ({axis}) est dans la bibliothèque d'exemples, à la place de ses anciens contours.</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library.</source>
      <translation>La coupe {index} ({axis}) est dans la bibliothèque d'exemples.</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) was in the exemplar library already, with the same outlines.</source>
      <translation>La coupe {index} ({axis}) était déjà dans la bibliothèque d'exemples, avec les mêmes contours.</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library, {replaced} of them in the place of earlier outlines.</source>
      <translation>{count} coupes sont dans la bibliothèque d'exemples, dont {replaced} à la place d'anciens contours.</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library.</source>
      <translation>{count} coupes sont dans la bibliothèque d'exemples.</translation>
    </message>
  </context>
  <context>
    <name>console.Logic</name>
    <message>
      <source>Give segments of the same structure the same name</source>
      <translation>Donnez le même nom aux segments de la même structure</translation>
    </message>
    <message>
      <source>No segment has the name of one in the reference</source>
      <translation>Aucun segment n'a le nom d'un de ceux de la référence</translation>
    </message>
  </context>
  <context>
    <name>console.ManyVolumes</name>
    <message>
      <source>Choose an adapter that was trained with texts</source>
      <translation>Choisissez un adaptateur entraîné avec des textes</translation>
    </message>
    <message>
      <source>Give some with the effect SAM Adapt, on one slice of each object</source>
      <translation>Donnez-en avec l'effet SAM Adapt, sur une coupe de chaque objet</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation>Rechargez-le</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>Chargez-en un</translation>
    </message>
    <message>
      <source>No segmentation of this volume has prompts</source>
      <translation>Aucune segmentation de ce volume n'a d'indications</translation>
    </message>
    <message>
      <source>Nothing was found on any slice</source>
      <translation>Rien n'a été trouvé sur aucune coupe</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>Le volume n'est plus dans la scène</translation>
    </message>
    <message>
      <source>The volume was removed from the scene meanwhile</source>
      <translation>Le volume a entre-temps été retiré de la scène</translation>
    </message>
    <message>
      <source>There is no volume to segment</source>
      <translation>Il n'y a aucun volume à segmenter</translation>
    </message>
    <message>
      <source>This model reads no words</source>
      <translation>Ce modèle ne lit pas de mots</translation>
    </message>
    <message>
      <source>Volumes are being segmented already</source>
      <translation>Des volumes sont déjà en cours de segmentation</translation>
    </message>
    <message>
      <source>Wait for them, or stop it first</source>
      <translation>Attendez-les, ou arrêtez d'abord</translation>
    </message>
  </context>
  <context>
    <name>console.NextSliceLogic</name>
    <message>
      <source>Cannot hand the voxels on ({error})</source>
      <translation>Impossible de transmettre les voxels ({error})</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>Chargez-en un</translation>
    </message>
    <message>
      <source>Make room on the disk</source>
      <translation>Faites de la place sur le disque</translation>
    </message>
    <message>
      <source>There is no volume to choose slices of</source>
      <translation>Il n'y a aucun volume dont choisir des coupes</translation>
    </message>
  </context>
  <context>
    <name>console.SegmentingLogic</name>
    <message>
      <source>Give one, or up to three</source>
      <translation>Donnez-en un, ou jusqu'à trois</translation>
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
      <translation>Choisissez parmi {names}</translation>
    </message>
    <message>
      <source>For the adapter's own, activate it with weights='adapted'</source>
      <translation>Pour ceux de l'adaptateur, activez-le avec weights='adapted'</translation>
    </message>
    <message>
      <source>Give one box for one object</source>
      <translation>Donnez une boîte pour un objet</translation>
    </message>
    <message>
      <source>Give points inside of it</source>
      <translation>Donnez des points à l'intérieur</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 1)] or box=((R, A, S), (R, A, S))</source>
      <translation>Donnez points=[(R, A, S, 1)] ou box=((R, A, S), (R, A, S))</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>Aucune indication n'a été donnée</translation>
    </message>
    <message>
      <source>Segment one slice first, or choose the axis of the prompts</source>
      <translation>Segmentez d'abord une coupe, ou choisissez l'axe des indications</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>L'indication est hors du volume</translation>
    </message>
    <message>
      <source>The segment is on no {axis} slice yet</source>
      <translation>Le segment n'est encore sur aucune coupe ({axis})</translation>
    </message>
    <message>
      <source>Try a box in place of points, a second prompt on a nearby slice, or an adapter</source>
      <translation>Essayez une boîte au lieu de points, une seconde indication sur une coupe proche, ou un adaptateur</translation>
    </message>
    <message>
      <source>Two of the prompts give a box</source>
      <translation>Deux des indications donnent une boîte</translation>
    </message>
    <message>
      <source>Unknown direction</source>
      <translation>Direction inconnue</translation>
    </message>
    <message>
      <source>{name}: propagation ended at once: {reason}</source>
      <translation>{name} : la propagation s'est arrêtée aussitôt : {reason}</translation>
    </message>
  </context>
  <context>
    <name>console.TimeLogic</name>
    <message>
      <source>Frame</source>
      <translation>Image</translation>
    </message>
    <message>
      <source>Volume (mL)</source>
      <translation>Volume (mL)</translation>
    </message>
    <message>
      <source>{name} over time</source>
      <translation>{name} au cours du temps</translation>
    </message>
  </context>
  <context>
    <name>console.TrainingRuns</name>
    <message>
      <source>A training is running already</source>
      <translation>Un entraînement est déjà en cours</translation>
    </message>
    <message>
      <source>Add some slices in step 1 first</source>
      <translation>Ajoutez d'abord des coupes à l'étape 1</translation>
    </message>
    <message>
      <source>Name it in the Python console: fineTune(name=..., library=..., resume=True)</source>
      <translation>Nommez-la dans la console Python : fineTune(name=..., library=..., resume=True)</translation>
    </message>
    <message>
      <source>No stopped training has this name</source>
      <translation>Aucun entraînement arrêté n'a ce nom</translation>
    </message>
    <message>
      <source>Start it, or give the name of a stopped one</source>
      <translation>Démarrez-le, ou donnez le nom d'un entraînement arrêté</translation>
    </message>
    <message>
      <source>The library holds no labelled exemplar</source>
      <translation>La bibliothèque ne contient aucun exemple annoté</translation>
    </message>
    <message>
      <source>The run does not say which library it was started with</source>
      <translation>Le lancement ne dit pas avec quelle bibliothèque il a commencé</translation>
    </message>
    <message>
      <source>Wait for it, or stop it first</source>
      <translation>Attendez-le, ou arrêtez-le d'abord</translation>
    </message>
  </context>
  <context>
    <name>console.VolumeTable</name>
    <message>
      <source>SAM Adapt volumes</source>
      <translation>Volumes SAM Adapt</translation>
    </message>
  </context>
  <context>
    <name>edit.AlongTime</name>
    <message>
      <source>The segment is on {found} of {count} frames: {most} mL at most (frame {frame}), {least} mL at least (frame {other}).</source>
      <translation>Le segment est sur {found} images sur {count} : {most} mL au plus (image {frame}), {least} mL au moins (image {other}).</translation>
    </message>
    <message>
      <source>The segment was carried to no other frame. Loosen the stop rules, or prompt other frames, too.</source>
      <translation>Le segment n'a été propagé à aucune autre image. Assouplissez les règles d'arrêt, ou donnez des indications aussi sur d'autres images.</translation>
    </message>
  </context>
  <context>
    <name>edit.Correction</name>
    <message>
      <source>A correction along other slices is under way</source>
      <translation>Une correction le long d'autres coupes est en cours</translation>
    </message>
    <message>
      <source>Add or select a segment first</source>
      <translation>Ajoutez ou choisissez d'abord un segment</translation>
    </message>
    <message>
      <source>Click on what is missing, Ctrl+click on what is too much; a box says what all of it is on its slice.</source>
      <translation>Cliquez sur ce qui manque, Ctrl+clic sur ce qui est en trop ; une boîte dit tout ce qui en est sur sa coupe.</translation>
    </message>
    <message>
      <source>Draw it on a slice first, with any tool or by prompts</source>
      <translation>Dessinez-le d'abord sur une coupe, avec un outil quelconque ou par indications</translation>
    </message>
    <message>
      <source>No segment is selected</source>
      <translation>Aucun segment n'est sélectionné</translation>
    </message>
    <message>
      <source>Nothing changes: the model agrees with what is there. Click where it is wrong, or draw a box.</source>
      <translation>Rien ne change : le modèle est d'accord avec ce qui est là. Cliquez là où c'est faux, ou tracez une boîte.</translation>
    </message>
    <message>
      <source>Slice {index} changed.</source>
      <translation>Coupe {index} modifiée.</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to continue from</source>
      <translation>Le segment est vide : il n'y a rien à partir de quoi continuer</translation>
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
      <translation>Agrandi à partir du point, car ce modèle ne connaît que les boîtes : vérifiez, ou tracez une boîte.</translation>
    </message>
    <message>
      <source>That lies outside the volume. Draw it on the image.</source>
      <translation>C'est hors du volume. Dessinez sur l'image.</translation>
    </message>
    <message>
      <source>That place lies outside the volume. Click on the image.</source>
      <translation>Cet endroit est hors du volume. Cliquez sur l'image.</translation>
    </message>
    <message>
      <source>The model finds nothing there. Add a point inside the object or draw a box around it.</source>
      <translation>Le modèle n'y trouve rien. Ajoutez un point dans l'objet ou tracez une boîte autour.</translation>
    </message>
    <message>
      <source>This model was not trained on points, and nothing stands out here: draw a box.</source>
      <translation>Ce modèle n'a pas été entraîné sur des points, et rien ne se détache ici : tracez une boîte.</translation>
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
      <translation>Une correction est en cours, et la coupe peut encore changer</translation>
    </message>
    <message>
      <source>Click on a slice in a standard orientation</source>
      <translation>Cliquez sur une coupe en orientation standard</translation>
    </message>
    <message>
      <source>Correct some by clicks first, or add the slice shown</source>
      <translation>Corrigez-en d'abord par clics, ou ajoutez la coupe affichée</translation>
    </message>
    <message>
      <source>Exemplars are whole slices of the volume</source>
      <translation>Les exemples sont des coupes entières du volume</translation>
    </message>
    <message>
      <source>No slice along this view has prompts of the selected segment</source>
      <translation>Aucune coupe de cette vue n'a d'indications du segment sélectionné</translation>
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
      <translation>Des paquets Python doivent d'abord être installés. Cliquez dans une vue de coupe pour les installer.</translation>
    </message>
    <message>
      <source>The model {title} ({size}) is not on this computer yet. Click into a slice view to download it.</source>
      <translation>Le modèle {title} ({size}) n'est pas encore sur cet ordinateur. Cliquez dans une vue de coupe pour le télécharger.</translation>
    </message>
  </context>
  <context>
    <name>edit.NextFrame</name>
    <message>
      <source>Accept or drop them first</source>
      <translation>Acceptez-les ou rejetez-les d'abord</translation>
    </message>
    <message>
      <source>Choose one segmentation per frame first</source>
      <translation>Choisissez d'abord une segmentation par image</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>Cliquez d'abord sur l'objet</translation>
    </message>
    <message>
      <source>Go to a slice on which it is</source>
      <translation>Allez à une coupe où il se trouve</translation>
    </message>
    <message>
      <source>Go to an earlier one</source>
      <translation>Allez à une image antérieure</translation>
    </message>
    <message>
      <source>No slice of the volume is chosen</source>
      <translation>Aucune coupe du volume n'est choisie</translation>
    </message>
    <message>
      <source>The segment is not on this slice</source>
      <translation>Le segment n'est pas sur cette coupe</translation>
    </message>
    <message>
      <source>The segment is on this slice already. Mend it by clicks, or go on.</source>
      <translation>Le segment est déjà sur cette coupe. Corrigez-le par clics, ou continuez.</translation>
    </message>
    <message>
      <source>The segmentation is the same for all frames</source>
      <translation>La segmentation est la même pour toutes les images</translation>
    </message>
    <message>
      <source>There are prompts that are not accepted</source>
      <translation>Des indications ne sont pas acceptées</translation>
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
      <translation>Choisissez une orientation standard, ou tournez la vue dans le plan du volume</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>Cliquez d'abord sur l'objet</translation>
    </message>
    <message>
      <source>No slice is chosen</source>
      <translation>Aucune coupe choisie</translation>
    </message>
    <message>
      <source>Nothing was found on the slices beside the prompts. Loosen the stop rules or add prompts.</source>
      <translation>Rien n'a été trouvé sur les coupes voisines des indications. Assouplissez les règles d'arrêt ou ajoutez des indications.</translation>
    </message>
    <message>
      <source>Propagation ended at once: {reason}. Try a box in place of points, a second prompt on a nearby slice, or looser stop rules.</source>
      <translation>La propagation s'est arrêtée aussitôt : {reason}. Essayez une boîte au lieu de points, une seconde indication sur une coupe proche, ou des règles d'arrêt plus souples.</translation>
    </message>
    <message>
      <source>Propagation goes along the volume's own slices, and this view is oblique to them</source>
      <translation>La propagation suit les coupes du volume, et cette vue leur est oblique</translation>
    </message>
    <message>
      <source>Set a prompt on this slice, or go to a slice on which the segment is drawn</source>
      <translation>Mettez une indication sur cette coupe, ou allez à une coupe où le segment est dessiné</translation>
    </message>
    <message>
      <source>Slice {index} written.</source>
      <translation>Coupe {index} écrite.</translation>
    </message>
    <message>
      <source>There is nothing to carry on from</source>
      <translation>Il n'y a rien à propager</translation>
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
      <translation>Rien n'a été écrit : le masquage exclut cet endroit, ou la géométrie de la segmentation s'arrête avant. Changez la zone modifiable, la plage d'intensité ou la géométrie.</translation>
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
      <translation>Adaptateur (*.zip)</translation>
    </message>
    <message>
      <source>Delete the adapter {name} from this computer? This cannot be undone.</source>
      <translation>Supprimer l'adaptateur {name} de cet ordinateur ? C'est irréversible.</translation>
    </message>
    <message>
      <source>Dice on held-out slices:</source>
      <translation>Dice sur les coupes mises de côté :</translation>
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
      <translation>Utilisé : aucun adaptateur, modèle de base {model}</translation>
    </message>
    <message>
      <source>In use: {name} on {model}</source>
      <translation>Utilisé : {name} sur {model}</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>Nom :</translation>
    </message>
    <message>
      <source>No reference is selected</source>
      <translation>Aucune référence n'est choisie</translation>
    </message>
    <message>
      <source>Rename adapter</source>
      <translation>Renommer l'adaptateur</translation>
    </message>
    <message>
      <source>Select another segmentation at the top or as the reference</source>
      <translation>Choisissez une autre segmentation en haut ou comme référence</translation>
    </message>
    <message>
      <source>Select the segmentation that counts as right</source>
      <translation>Choisissez la segmentation considérée comme juste</translation>
    </message>
    <message>
      <source>The adapter is in use: a model is still being loaded</source>
      <translation>L'adaptateur est utilisé : un modèle est encore en cours de chargement</translation>
    </message>
    <message>
      <source>The segmentation would be compared with itself</source>
      <translation>La segmentation serait comparée à elle-même</translation>
    </message>
    <message>
      <source>Try again once it is loaded</source>
      <translation>Réessayez une fois qu'il est chargé</translation>
    </message>
    <message>
      <source>Waiting until {name} is free</source>
      <translation>Attente de la libération de {name}</translation>
    </message>
    <message>
      <source>adapted {dice}</source>
      <translation>adapté {dice}</translation>
    </message>
    <message>
      <source>base {dice}</source>
      <translation>base {dice}</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>endommagé</translation>
    </message>
    <message>
      <source>halfway {dice}</source>
      <translation>à mi-chemin {dice}</translation>
    </message>
    <message>
      <source>the adapter answers</source>
      <translation>l'adaptateur répond</translation>
    </message>
    <message>
      <source>the base weights answer</source>
      <translation>les poids de base répondent</translation>
    </message>
    <message>
      <source>the weights halfway answer</source>
      <translation>les poids à mi-chemin répondent</translation>
    </message>
    <message>
      <source>{method} on {base}, {steps} steps, {axis} slices, grey levels {intensity}</source>
      <translation>{method} sur {base}, {steps} étapes, coupes {axis}, niveaux de gris {intensity}</translation>
    </message>
  </context>
  <context>
    <name>panel.ComputerStep</name>
    <message>
      <source>Prompts go to {server}.</source>
      <translation>Les indications vont à {server}.</translation>
    </message>
    <message>
      <source>The devices could not be listed: {error}</source>
      <translation>Impossible de lister les appareils : {error}</translation>
    </message>
  </context>
  <context>
    <name>panel.DicomSaving</name>
    <message>
      <source>No volume has a segmentation to save</source>
      <translation>Aucun volume n'a de segmentation à enregistrer</translation>
    </message>
    <message>
      <source>Saved in the DICOM database: {count}</source>
      <translation>Enregistrées dans la base DICOM : {count}</translation>
    </message>
    <message>
      <source>Segment the volumes first</source>
      <translation>Segmentez d'abord les volumes</translation>
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
      <translation>; {count} fonds</translation>
    </message>
    <message>
      <source>Choose that orientation in a slice view, and rotate the view to the volume plane</source>
      <translation>Choisissez cette orientation dans une vue de coupe, et tournez la vue dans le plan du volume</translation>
    </message>
    <message>
      <source>Delete {count} exemplars from the library folder? This cannot be undone.</source>
      <translation>Supprimer {count} exemples du dossier de la bibliothèque ? C'est irréversible.</translation>
    </message>
    <message>
      <source>No slice of the volume has a label</source>
      <translation>Aucune coupe du volume n'a de label</translation>
    </message>
    <message>
      <source>No view shows {axis} slices of the volume</source>
      <translation>Aucune vue ne montre de coupes ({axis}) du volume</translation>
    </message>
    <message>
      <source>Paint in a segment first</source>
      <translation>Peignez d'abord dans un segment</translation>
    </message>
    <message>
      <source>Slice {index}</source>
      <translation>Coupe {index}</translation>
    </message>
    <message>
      <source>The library is empty. Add a labelled slice to start it.</source>
      <translation>La bibliothèque est vide. Ajoutez une coupe annotée pour commencer.</translation>
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
      <translation>{count} exemples : {classes}</translation>
    </message>
  </context>
  <context>
    <name>panel.NextSlices</name>
    <message>
      <source>All of its kind</source>
      <translation>Même type</translation>
    </message>
    <message>
      <source>Ask for other slices</source>
      <translation>Demandez d'autres coupes</translation>
    </message>
    <message>
      <source>Click to show this slice in the slice views.</source>
      <translation>Cliquez pour afficher cette coupe dans les vues de coupe.</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>Le volume n'est plus dans la scène</translation>
    </message>
    <message>
      <source>This one only</source>
      <translation>Celui-ci seulement</translation>
    </message>
    <message>
      <source>{number}. {volume}, {axis} slice {index}: {reason}</source>
      <translation>{number}. {volume}, coupe {index} ({axis}) : {reason}</translation>
    </message>
  </context>
  <context>
    <name>panel.Published</name>
    <message>
      <source>As is said there, and checked when it is fetched: {said}</source>
      <translation>Tel qu'annoncé là-bas, vérifié à la récupération : {said}</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>Parcourir</translation>
    </message>
    <message>
      <source>Browse a place, and select one of its adapters</source>
      <translation>Parcourez un emplacement, et sélectionnez un de ses adaptateurs</translation>
    </message>
    <message>
      <source>Licence: {licence}</source>
      <translation>Licence : {licence}</translation>
    </message>
    <message>
      <source>No adapter is selected</source>
      <translation>Aucun adaptateur n'est sélectionné</translation>
    </message>
    <message>
      <source>No place is given</source>
      <translation>Aucun emplacement n'est donné</translation>
    </message>
    <message>
      <source>Nothing is published there.</source>
      <translation>Rien n'y est publié.</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>Adaptateurs publiés</translation>
    </message>
    <message>
      <source>Type an address that begins with https://, or a folder</source>
      <translation>Tapez une adresse qui commence par https://, ou un dossier</translation>
    </message>
    <message>
      <source>{method} on {base}, {size}</source>
      <translation>{method} sur {base}, {size}</translation>
    </message>
    <message>
      <source>{name} is being fetched.</source>
      <translation>Récupération de {name}.</translation>
    </message>
    <message>
      <source>{name} is on this computer now.</source>
      <translation>{name} est maintenant sur cet ordinateur.</translation>
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
      <translation>Signé par une clé que vous n'avez pas déclarée de confiance : {fingerprint}.</translation>
    </message>
    <message>
      <source>Signed by {signer} (key {fingerprint}).</source>
      <translation>Signé par {signer} (clé {fingerprint}).</translation>
    </message>
    <message>
      <source>Signed, but not checked: the Python package cryptography is not installed.</source>
      <translation>Signé, mais non vérifié : le paquet Python cryptography n'est pas installé.</translation>
    </message>
  </context>
  <context>
    <name>panel.Step</name>
    <message>
      <source>Open the module SAM Adapt again</source>
      <translation>Ouvrez à nouveau le module SAM Adapt</translation>
    </message>
    <message>
      <source>The panel shows no scene now</source>
      <translation>Le panneau n'affiche aucune scène en ce moment</translation>
    </message>
  </context>
  <context>
    <name>panel.Studies</name>
    <message>
      <source>Cell {number} of {count}: {row}. About {left} left.</source>
      <translation>Cellule {number} sur {count} : {row}. Reste environ {left}.</translation>
    </message>
    <message>
      <source>Choose a new one, or that of an earlier study</source>
      <translation>Choisissez-en un nouveau, ou celui d'une étude antérieure</translation>
    </message>
    <message>
      <source>Choose a preset or a file (TOML)</source>
      <translation>Choisissez un préréglage ou un fichier (TOML)</translation>
    </message>
    <message>
      <source>Choose a table (CSV) with the columns image, labels, patient, split</source>
      <translation>Choisissez un tableau (CSV) avec les colonnes image, labels, patient, split</translation>
    </message>
    <message>
      <source>No description is chosen</source>
      <translation>Aucune description n'est choisie</translation>
    </message>
    <message>
      <source>No output folder is chosen</source>
      <translation>Aucun dossier de sortie n'est choisi</translation>
    </message>
    <message>
      <source>No scans are chosen</source>
      <translation>Aucune image n'est choisie</translation>
    </message>
    <message>
      <source>No web browser opens the report</source>
      <translation>Aucun navigateur web n'ouvre le rapport</translation>
    </message>
    <message>
      <source>Not finished. The next run goes on where this one was.</source>
      <translation>Pas terminé. Le prochain lancement continue où celui-ci en était.</translation>
    </message>
    <message>
      <source>Open this file in one</source>
      <translation>Ouvrez ce fichier dans un navigateur</translation>
    </message>
    <message>
      <source>The description is being read.</source>
      <translation>Lecture de la description.</translation>
    </message>
    <message>
      <source>The scans are being read.</source>
      <translation>Lecture des images.</translation>
    </message>
    <message>
      <source>The scans are being read: {doing}.</source>
      <translation>Lecture des images : {doing}.</translation>
    </message>
    <message>
      <source>The study is done: {count} cells.</source>
      <translation>L'étude est terminée : {count} cellules.</translation>
    </message>
    <message>
      <source>a description of your own</source>
      <translation>votre propre description</translation>
    </message>
    <message>
      <source>{failed} of {count} cells failed, the first: {error}. The next run tries them again.</source>
      <translation>{failed} cellules sur {count} ont échoué, la première : {error}. Le prochain lancement les réessaie.</translation>
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
      <translation>Dice, mis de côté</translation>
    </message>
    <message>
      <source>Dice, training</source>
      <translation>Dice, entraînement</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>Perte</translation>
    </message>
    <message>
      <source>Loss, Dice</source>
      <translation>Perte, Dice</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>Étape</translation>
    </message>
    <message>
      <source>{name} validation</source>
      <translation>Validation de {name}</translation>
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
      <translation>Terminé : l'adaptateur {name} est prêt à l'étape 4.</translation>
    </message>
    <message>
      <source>Each patient in turn</source>
      <translation>Chaque patient à son tour</translation>
    </message>
    <message>
      <source>Estimating the memory ...</source>
      <translation>Estimation de la mémoire ...</translation>
    </message>
    <message>
      <source>Memory: {text}</source>
      <translation>Mémoire : {text}</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Aucun</translation>
    </message>
    <message>
      <source>Resumed {name}</source>
      <translation>{name} repris</translation>
    </message>
    <message>
      <source>Started {name}</source>
      <translation>{name} démarré</translation>
    </message>
    <message>
      <source>Starting; the model is being loaded.</source>
      <translation>Démarrage ; le modèle est en cours de chargement.</translation>
    </message>
    <message>
      <source>Step {step} of {steps}: loss {loss:.3f}, Dice {dice:.3f}</source>
      <translation>Étape {step} sur {steps} : perte {loss:.3f}, Dice {dice:.3f}</translation>
    </message>
    <message>
      <source>Step {step}: Dice {dice:.3f} on held-out slices</source>
      <translation>Étape {step} : Dice {dice:.3f} sur les coupes mises de côté</translation>
    </message>
    <message>
      <source>Stopped before the first checkpoint.</source>
      <translation>Arrêté avant le premier point de reprise.</translation>
    </message>
    <message>
      <source>Stopped. Resume goes on from here.</source>
      <translation>Arrêté. Reprendre continue à partir d'ici.</translation>
    </message>
    <message>
      <source>Stopping; a checkpoint is being written.</source>
      <translation>Arrêt en cours ; un point de reprise est écrit.</translation>
    </message>
    <message>
      <source>The adapter has no name yet</source>
      <translation>L'adaptateur n'a pas encore de nom</translation>
    </message>
    <message>
      <source>The download was stopped. What has come is kept; Start goes on with it.</source>
      <translation>Le téléchargement a été arrêté. Ce qui est arrivé est gardé ; Démarrer le continue.</translation>
    </message>
    <message>
      <source>Training of {name}</source>
      <translation>Entraînement de {name}</translation>
    </message>
    <message>
      <source>Type a name for it</source>
      <translation>Tapez un nom pour lui</translation>
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
      <translation>Rechargez-le</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Arrêter</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>Le volume n'est plus dans la scène</translation>
    </message>
    <message>
      <source>There are no words to look for</source>
      <translation>Il n'y a aucun mot à chercher</translation>
    </message>
    <message>
      <source>Those of the kind of the volume above</source>
      <translation>Ceux du même type que le volume ci-dessus</translation>
    </message>
    <message>
      <source>Type some, such as: liver, left kidney</source>
      <translation>Tapez-en, par exemple : liver, left kidney</translation>
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
    <message>
      <source>{count} pixels</source>
      <translation>{count} pixels</translation>
    </message>
  </context>
  <context>
    <name>scene.AcceptedSlices</name>
    <message>
      <source>A transform that bends slices lies between volume and segmentation</source>
      <translation>Une transformation qui déforme les coupes sépare le volume de la segmentation</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>Choisissez un segment de la segmentation</translation>
    </message>
    <message>
      <source>Harden it first, or put both under the same transform</source>
      <translation>Appliquez-la d'abord (Harden), ou mettez les deux sous la même transformation</translation>
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
      <translation>Choisissez-en un autre, ou aucun</translation>
    </message>
    <message>
      <source>Choose {count} at most</source>
      <translation>Choisissez-en {count} au plus</translation>
    </message>
    <message>
      <source>Give one, or up to {count}</source>
      <translation>Donnez-en un, ou jusqu'à {count}</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Aucun volume choisi</translation>
    </message>
    <message>
      <source>This volume would be seen twice</source>
      <translation>Ce volume serait vu deux fois</translation>
    </message>
    <message>
      <source>{count} volumes together</source>
      <translation>{count} volumes ensemble</translation>
    </message>
  </context>
  <context>
    <name>scene.FindPlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>Déplacez la coupe dans le volume</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>La vue de coupe ne montre rien du volume</translation>
    </message>
  </context>
  <context>
    <name>scene.ObliquePlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>Déplacez la coupe dans le volume</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>La vue de coupe ne montre rien du volume</translation>
    </message>
  </context>
  <context>
    <name>scene.Plane</name>
    <message>
      <source>Choose one of 0 to {last}</source>
      <translation>Choisissez de 0 à {last}</translation>
    </message>
    <message>
      <source>There is no {axis} slice {index}</source>
      <translation>Il n'y a pas de coupe {index} ({axis})</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneSegments</name>
    <message>
      <source>Add a segment</source>
      <translation>Ajoutez un segment</translation>
    </message>
    <message>
      <source>Add a segment and paint in it</source>
      <translation>Ajoutez un segment et peignez dedans</translation>
    </message>
    <message>
      <source>Choose one of those present: {names}</source>
      <translation>Choisissez parmi ceux qui existent : {names}</translation>
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
      <translation>Choisissez ou créez une segmentation du volume</translation>
    </message>
    <message>
      <source>The segmentation has no segment</source>
      <translation>La segmentation n'a aucun segment</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneVolume</name>
    <message>
      <source>A picture in colour fills the channels by itself</source>
      <translation>Une image en couleur remplit à elle seule les canaux</translation>
    </message>
    <message>
      <source>A transform bends {further} beside {first}</source>
      <translation>Une transformation déforme {further} à côté de {first}</translation>
    </message>
    <message>
      <source>Adjust window and level of the volume</source>
      <translation>Ajustez la fenêtre et le niveau du volume</translation>
    </message>
    <message>
      <source>Allow it to be resampled, or choose another volume</source>
      <translation>Autorisez son rééchantillonnage, ou choisissez un autre volume</translation>
    </message>
    <message>
      <source>Choose a greyscale 3D volume; extract one component or time point where needed</source>
      <translation>Choisissez un volume 3D en niveaux de gris ; extrayez au besoin une composante ou un instant</translation>
    </message>
    <message>
      <source>Choose a greyscale volume</source>
      <translation>Choisissez un volume en niveaux de gris</translation>
    </message>
    <message>
      <source>Choose no other beside it</source>
      <translation>N'en choisissez aucun autre à côté</translation>
    </message>
    <message>
      <source>Harden the transform, or put both volumes below it</source>
      <translation>Appliquez la transformation (Harden), ou mettez les deux volumes sous elle</translation>
    </message>
    <message>
      <source>Load an image and choose it as the source volume</source>
      <translation>Chargez une image et choisissez-la comme volume source</translation>
    </message>
    <message>
      <source>Load it again or choose another one</source>
      <translation>Rechargez-le ou choisissez-en un autre</translation>
    </message>
    <message>
      <source>Load it without transparency</source>
      <translation>Chargez-la sans transparence</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Aucun volume choisi</translation>
    </message>
    <message>
      <source>Parts of the picture are transparent</source>
      <translation>Des parties de l'image sont transparentes</translation>
    </message>
    <message>
      <source>Rename one of them</source>
      <translation>Renommez l'un d'eux</translation>
    </message>
    <message>
      <source>Show it, or give the intensity range</source>
      <translation>Affichez-le, ou donnez la plage d'intensité</translation>
    </message>
    <message>
      <source>The volume has {count} values in each voxel (vectors or a series)</source>
      <translation>Le volume a {count} valeurs par voxel (vecteurs ou série)</translation>
    </message>
    <message>
      <source>The volume holds no image</source>
      <translation>Le volume ne contient aucune image</translation>
    </message>
    <message>
      <source>The volume is not displayed in grey levels</source>
      <translation>Le volume n'est pas affiché en niveaux de gris</translation>
    </message>
    <message>
      <source>This is not a volume</source>
      <translation>Ce n'est pas un volume</translation>
    </message>
    <message>
      <source>Two segments are named {name}</source>
      <translation>Deux segments se nomment {name}</translation>
    </message>
    <message>
      <source>{further} lies on another grid than {first}</source>
      <translation>{further} est sur une autre grille que {first}</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentGrid</name>
    <message>
      <source>Choose one of its segments</source>
      <translation>Choisissez un de ses segments</translation>
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
      <translation>Un point ou une boîte est à côté de l'image</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>Choisissez un segment de la segmentation</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>Segment inexistant</translation>
    </message>
    <message>
      <source>Point at the part that the image shows</source>
      <translation>Pointez la partie que montre l'image</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentWriter</name>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>Choisissez un segment de la segmentation</translation>
    </message>
    <message>
      <source>Convert it to a binary labelmap</source>
      <translation>Convertissez-le en labelmap binaire</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>Segment inexistant</translation>
    </message>
    <message>
      <source>The segment cannot be edited</source>
      <translation>Le segment ne peut pas être modifié</translation>
    </message>
  </context>
  <context>
    <name>scene.Sequences</name>
    <message>
      <source>Load images over time as a sequence, and choose its volume</source>
      <translation>Chargez des images au cours du temps comme séquence, et choisissez son volume</translation>
    </message>
    <message>
      <source>Stop it at the frame with the prompts</source>
      <translation>Arrêtez-la à l'image qui a les indications</translation>
    </message>
    <message>
      <source>The sequence shows no frame, or is playing</source>
      <translation>La séquence ne montre aucune image, ou est en lecture</translation>
    </message>
    <message>
      <source>The volume is not one of a sequence</source>
      <translation>Le volume n'appartient à aucune séquence</translation>
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
      <translation>Les coupes peuvent être acceptées une fois la correction terminée. Arrêter y met fin.</translation>
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
      <source>Only with a model that remembers other slices (SAM 2).</source>
      <translation>Seulement avec un modèle qui se souvient d'autres coupes (SAM 2).</translation>
    </message>
    <message>
      <source>Only with an adapter that finds objects by itself (method sammix, or lora with head=classes).</source>
      <translation>Seulement avec un adaptateur qui trouve les objets de lui-même (méthode sammix, ou lora avec head=classes).</translation>
    </message>
    <message>
      <source>Only with an adapter that was trained with texts (method msa with a text model).</source>
      <translation>Seulement avec un adaptateur entraîné avec des textes (méthode msa avec un modèle de texte).</translation>
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
      <source>Carries the segment from this frame along time to all others, earlier and later, slice by slice, and there on to slices beside. Frames with prompts or corrections stay as they are, and lead on from themselves. Each frame is written when it is found; undo does not reach back to it.</source>
      <translation>Propage le segment de cette image à toutes les autres, antérieures et postérieures, coupe par coupe, et là aux coupes voisines. Les images avec indications ou corrections restent telles quelles, et la propagation repart d'elles. Chaque image est écrite dès qu'elle est trouvée ; l'annulation ne remonte pas jusque-là.</translation>
    </message>
    <message>
      <source>Each frame has a segmentation of its own now. What is drawn stays with the frame that is shown.</source>
      <translation>Chaque image a maintenant sa propre segmentation. Ce qui est dessiné reste avec l'image affichée.</translation>
    </message>
    <message>
      <source>One segmentation per frame</source>
      <translation>Une segmentation par image</translation>
    </message>
    <message>
      <source>Shows the next frame and prompts it with the segment's box on this slice, widened as along time; accept the answer, or mend it, and go on.</source>
      <translation>Montre l'image suivante et y donne comme indication la boîte du segment sur cette coupe, élargie comme au cours du temps ; acceptez ou corrigez la réponse, et continuez.</translation>
    </message>
    <message>
      <source>The volume is a frame of a sequence, and the segmentation is the same for all of them. Afterwards each frame has its own, with its prompts: what there is now stays with this frame, and the others begin with empty segments.</source>
      <translation>Le volume est une image d'une séquence, et la segmentation est la même pour toutes. Ensuite, chaque image a la sienne, avec ses indications : ce qui existe maintenant reste avec cette image, et les autres commencent avec des segments vides.</translation>
    </message>
    <message>
      <source>To all frames</source>
      <translation>Vers toutes les images</translation>
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
      <translation>Clic gauche là où il a été propagé</translation>
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
      <translation>corrige le segment à cet endroit, et sur les coupes voisines tant que cela les change</translation>
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
      <translation>Choisissez d'abord un volume</translation>
    </message>
    <message>
      <source>Exit code {code}</source>
      <translation>Code de sortie {code}</translation>
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
      <translation>vérification sur les patients mis de côté</translation>
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
      <translation>lecture des images</translation>
    </message>
    <message>
      <source>short trainings without one patient each, to compare on that one</source>
      <translation>courts entraînements sans un patient à chaque fois, pour comparer sur celui-ci</translation>
    </message>
    <message>
      <source>trying the first steps</source>
      <translation>essai des premiers pas</translation>
    </message>
  </context>
</TS>
